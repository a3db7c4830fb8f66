#pragma once

#include <cstddef>
#include <string>

#include "loads.hpp"

namespace warmstart::detail {

/// How much memory a load takes beside its variables' at its peak, opening and planning included,
/// with a small budget; prints it. For a process that has done nothing else.
void measure_memory(const std::string& prefix, const named_load& what, std::size_t threads);

}  // namespace warmstart::detail
