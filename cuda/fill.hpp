#pragma once

#include <cuda_runtime_api.h>

#include "engine/backend.hpp"

namespace warmstart::detail {

/// Queues the kernels that fill a row, with the same bits as `fill_elements` on the host.
void launch_fill(const fill_command& command, cudaStream_t stream);

}  // namespace warmstart::detail
