#pragma once

#include <vector>

#include "variables/variable_state.hpp"
#include "warmstart/run.hpp"

namespace warmstart::detail {

/// Tensors of the checkpoints that were named since the last run, and that none of the loaded rows
/// takes. A checkpoint counts once, however often and by whatever path it was named: it is listed
/// as it was spelled first.
[[nodiscard]] std::vector<unused_tensor> find_unused(const store_state& store,
                                                     const store_rows& loaded);

}  // namespace warmstart::detail
