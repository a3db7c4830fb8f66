#pragma once

#include "engine/backend.hpp"

namespace warmstart::detail {

/// Carries out a command on host memory, both sides.
void copy_on_host(const copy_command& command);

}  // namespace warmstart::detail
