#pragma once

#include "engine/backend.hpp"

namespace warmstart::detail {

/// Executes a command whose source and destination are in host memory.
void copy_on_host(const copy_command& command);

}  // namespace warmstart::detail
