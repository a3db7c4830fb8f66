#pragma once

#include <cstdint>
#include <memory>

#include "model/view.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// "This box of that tensor, or of a view of it, initializes this row": output of the resolver and
/// input of the planner. The box has the row's shape. Elements are converted if the dtypes differ.
struct assignment {
  std::uint32_t row = 0;         ///< index into the list of `variable_info`
  std::uint32_t checkpoint = 0;  ///< index into the list of catalogs
  std::uint32_t tensor = 0;      ///< index into that catalog's tensors
  slice wanted;                  ///< explicit, within the tensor's shape or the view's result
  std::shared_ptr<const detail::view> view = {};  ///< null: the tensor without a view

  friend bool operator==(const assignment&, const assignment&) = default;
};

}  // namespace warmstart::detail
