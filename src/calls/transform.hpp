#pragma once

#include "core/view.hpp"
#include "warmstart/transform.hpp"

namespace warmstart {

/// The steps that it means; reads vocabularies as TensorFlow's warm start does. Throws all
/// problems: `invalid_argument` for a remap that is neither indices nor vocabularies, `not_found`,
/// `io`, and of a vocabulary `corrupt` for lines that are empty, or in the old one the same, and
/// `mismatch` if it has fewer lines than are to count.
[[nodiscard]] view_steps to_view_steps(const transform& how);

}  // namespace warmstart
