#pragma once

#include <cstddef>
#include <string>

#include "loads.hpp"

namespace warmstart::detail {

/// Measures and prints the peak memory of a load with a small budget, without the variables but
/// including opening and planning. The process must not have done anything else before.
void measure_memory(const std::string& prefix, const named_load& what, std::size_t threads);

}  // namespace warmstart::detail
