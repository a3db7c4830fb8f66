#pragma once

#include <cstddef>
#include <vector>

#include "warmstart/engine.hpp"
#include "warmstart/export.hpp"
#include "warmstart/variable.hpp"

namespace warmstart {

/// Copies the current bytes of a variable or part from device memory to the host, row-major; a
/// partitioned variable is assembled from its parts. Blocks, and waits for loads that write to the
/// variable, including stream-ordered ones. The caller's own work that writes to it must be
/// complete. `engine` is the engine to use; null means a temporary one.
///
/// Throws `invalid_argument` if `replica` is out of range or if no memory has been allocated, and
/// `device` if the copy fails.
[[nodiscard]] WARMSTART_EXPORT std::vector<std::byte> read_back(const variable& v,
                                                                std::size_t replica = 0,
                                                                engine* engine = nullptr);

}  // namespace warmstart
