#pragma once

namespace warmstart::detail::cli {

/// Opens /dev/null in place of standard descriptors that are closed: the next file would get the
/// number of one, and with it what is meant for standard output or error. Each is opened the wrong
/// way round (standard input for writing, the others for reading), so that its use fails as that of
/// a closed descriptor. Call it before any file is opened. False if that fails.
[[nodiscard]] bool open_standard_descriptors() noexcept;

}  // namespace warmstart::detail::cli
