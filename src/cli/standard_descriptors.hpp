#pragma once

namespace warmstart::detail::cli {

/// Opens /dev/null for closed standard descriptors. Otherwise the next opened file would get such a
/// number, and text for standard output or error would be written to it. Standard input is opened
/// for writing and the others for reading, so that using them still fails. Call before any file is
/// opened. Returns false on failure.
[[nodiscard]] bool open_standard_descriptors() noexcept;

}  // namespace warmstart::detail::cli
