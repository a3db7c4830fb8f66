#pragma once

#include "model/view.hpp"
#include "warmstart/transform.hpp"

namespace warmstart::detail {

/// Converts a transform to steps; reads vocabularies like TensorFlow's warm start. Throws all
/// problems in one error: `invalid_argument` for a remap that has neither indices nor two
/// vocabularies, `corrupt` for an old vocabulary with the same token twice, and what
/// `read_vocabulary` throws.
[[nodiscard]] view_steps to_view_steps(const transform& changes);

}  // namespace warmstart::detail
