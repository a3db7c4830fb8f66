#pragma once

#include <vector>

#include "variables/variable_state.hpp"
#include "warmstart/run.hpp"

namespace warmstart::detail {

/// The tensors, in all checkpoints opened since the last run, that no loaded row uses. A checkpoint
/// that was opened several times or by several paths counts once, under its first path.
[[nodiscard]] std::vector<unused_tensor> find_unused(const store_state& store,
                                                     const store_rows& loaded);

}  // namespace warmstart::detail
