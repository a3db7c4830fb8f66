#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace warmstart::detail {

/// How many threads of this process can run at the same time: one for each processor that the
/// calling thread may run on, but not more than its control groups grant time for. At least 1.
[[nodiscard]] std::size_t usable_processors() noexcept;

/// The limit of control groups (versions 1 and 2) on processor time, in processors, rounded up: the
/// least that the process's group or one of those above it has. Nothing if there is none. Reads
/// `/proc/self` and what is mounted below `root`, which is empty but for tests.
[[nodiscard]] std::optional<std::size_t> processor_quota(const std::string& root);

}  // namespace warmstart::detail
