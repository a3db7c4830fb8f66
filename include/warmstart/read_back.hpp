#pragma once

#include <cstddef>
#include <vector>

#include "warmstart/engine.hpp"
#include "warmstart/variable.hpp"

namespace warmstart {

/// The bytes of a part (or of a variable that is not partitioned) as they are in device memory now,
/// row-major, copied to the host. Waits for nothing but the copy: work of the caller's that writes
/// there must be done. `on`: default, an engine made for the call.
///
/// Throws `invalid_argument` for a partitioned variable, a replica that there is not, and while
/// there is no memory; `device` if the copy fails.
[[nodiscard]] std::vector<std::byte> read_back(const variable& part, std::size_t replica = 0,
                                               engine* on = nullptr);

}  // namespace warmstart
