#pragma once

#include "model/view.hpp"
#include "warmstart/transform.hpp"

namespace warmstart::detail {

/// The steps that it means; reads vocabularies as TensorFlow's warm start does. Throws all
/// problems: `invalid_argument` for a remap that is neither indices nor vocabularies, `not_found`,
/// `io`, for an old vocabulary with a token twice `corrupt`, and as `read_vocabulary`.
[[nodiscard]] view_steps to_view_steps(const transform& how);

}  // namespace warmstart::detail
