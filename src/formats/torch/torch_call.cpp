#include "formats/torch/torch_call.hpp"

#include <fmt/format.h>

#include "base/file_problem.hpp"
#include "formats/common/stored_shape.hpp"
#include "formats/common/tensor_refusals.hpp"

namespace warmstart::detail {

void torch_call::enter(const pickle_value& call) {
  function_ = in_.symbol_of(call);
  arguments_ = in_.arguments_of(call);
}

void torch_call::enter(const pickle_value& function, const pickle_value& arguments) {
  function_ = function.text;
  arguments_ = arguments.items;
}

void torch_call::expect_arguments(std::size_t least, std::size_t most) const {
  if (size() >= least && size() <= most) return;
  refuse(fmt::format("{}: expected {} arguments, found {}", in_quotes(function_), least, size()));
}

std::int64_t torch_call::natural(const pickle_value& value, const char* what) const {
  if (value.is != pickle_kind::integer) {
    refuse(fmt::format("{}: expected an integer, found {}", what, name_of(value.is)));
  }
  if (value.number < 0) refuse(fmt::format("{}: {} is negative", what, value.number));
  return value.number;
}

std::int64_t torch_call::natural(std::size_t i, const char* what) const {
  return natural((*this)[i], what);
}

std::vector<std::int64_t> torch_call::naturals(std::size_t i, const char* what) const {
  const pickle_value& list = (*this)[i];
  if (list.is != pickle_kind::tuple && list.is != pickle_kind::list) {
    refuse(fmt::format("{}: expected a tuple, found {}", what, name_of(list.is)));
  }
  if (list.items.size() > MAX_STORED_RANK) {
    refuse(fmt::format("rank {} is above {}", list.items.size(), MAX_STORED_RANK),
           error_code::unsupported);
  }
  std::vector<std::int64_t> made;
  for (const pickle_node one : list.items) made.push_back(natural(in_[one], what));
  return made;
}

bool torch_call::flag(std::size_t i, std::string_view name) const {
  // The limit keeps time linear: many tensors can share one dict.
  constexpr std::size_t MAX_ITEMS = 200;
  if ((*this)[i].items.size() > MAX_ITEMS) {
    refuse("a dict with too many items", error_code::unsupported);
  }
  const pickle_value* const found = in_.find((*this)[i], name);
  if (found == nullptr) return false;
  if (found->is != pickle_kind::boolean) refuse(fmt::format("{} is not a bool", name));
  return found->number != 0;
}

void torch_call::refuse(const std::string& why, error_code code) const {
  throw error(file_problem(code, {where_, offset_}, why));
}

}  // namespace warmstart::detail
