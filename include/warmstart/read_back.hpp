#pragma once

#include <cstddef>
#include <vector>

#include "warmstart/engine.hpp"
#include "warmstart/export.hpp"
#include "warmstart/variable.hpp"

namespace warmstart {

/// The bytes of a variable or part as they are in device memory now, row-major, copied to the host;
/// a partitioned variable is put together. Waits for the copy and for loads that write there, also
/// those that were ordered in a stream; the caller's own work that writes there must be done. `on`:
/// default, an engine made for the call.
///
/// Throws `invalid_argument` if `replica` is out of range and if no memory has been allocated;
/// `device` if the copy fails.
[[nodiscard]] WARMSTART_EXPORT std::vector<std::byte> read_back(const variable& v,
                                                                std::size_t replica = 0,
                                                                engine* on = nullptr);

}  // namespace warmstart
