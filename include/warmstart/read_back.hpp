#pragma once

#include <cstddef>
#include <vector>

#include "warmstart/engine.hpp"
#include "warmstart/variable.hpp"

namespace warmstart {

/// The bytes of a part (or of a variable that is not partitioned) as they are in device memory now,
/// row-major, copied to the host. Waits for the copy and for loads that write there, also those
/// that were ordered in a stream; the caller's own work that writes there must be done. `on`:
/// default, an engine made for the call.
///
/// Throws `invalid_argument` for a partitioned variable, if `replica` is out of range and if no
/// memory has been allocated; `device` if the copy fails.
[[nodiscard]] std::vector<std::byte> read_back(const variable& part, std::size_t replica = 0,
                                               engine* on = nullptr);

}  // namespace warmstart
