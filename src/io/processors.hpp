#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace warmstart::detail {

/// Number of threads of this process that can run at the same time: one per processor in the
/// calling thread's affinity mask, limited by the quotas of its control groups. At least 1.
[[nodiscard]] std::size_t usable_processors() noexcept;

/// The limit of control groups (versions 1 and 2) on processor time, in processors, rounded up: the
/// smallest quota of the process's group and its ancestors. Nothing if there is no limit. Reads
/// `/proc/self` and the mounts below `root`, which is empty except in tests.
[[nodiscard]] std::optional<std::size_t> processor_quota(const std::string& root);

}  // namespace warmstart::detail
