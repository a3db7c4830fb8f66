#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/pickle/pickle.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

/// A call in a pickle, with its untrusted arguments. Throws `corrupt` for arguments of a wrong
/// kind. The pickle must outlive it.
class torch_call {
 public:
  /// `where` begins messages, and must outlive it as well.
  torch_call(const pickle& in, const pickle_value& call, const std::string& where)
      : in_(in), where_(where), offset_(call.offset_bytes) {
    enter(call);
  }

  /// The called symbol: `module name`.
  [[nodiscard]] std::string_view function() const noexcept { return function_; }
  [[nodiscard]] std::size_t size() const noexcept { return arguments_.size(); }
  [[nodiscard]] const pickle_value& operator[](std::size_t i) const { return in_[arguments_[i]]; }

  /// Replaces this call by `call`, which it wraps.
  void enter(const pickle_value& call);
  /// The same, for a function and a tuple of arguments.
  void enter(const pickle_value& function, const pickle_value& arguments);

  void expect_arguments(std::size_t least, std::size_t most) const;
  /// Argument `i`, an integer >= 0. `what` names it in messages.
  [[nodiscard]] std::int64_t natural(std::size_t i, const char* what) const;
  /// Argument `i`, a tuple or list of integers >= 0, one per dimension.
  [[nodiscard]] std::vector<std::int64_t> naturals(std::size_t i, const char* what) const;
  /// The value of `name` in argument `i`, a dict; false if it has none.
  [[nodiscard]] bool flag(std::size_t i, std::string_view name) const;

  [[noreturn]] void refuse(const std::string& why, error_code code = error_code::corrupt) const;

 private:
  [[nodiscard]] std::int64_t natural(const pickle_value& value, const char* what) const;

  const pickle& in_;
  const std::string& where_;
  std::int64_t offset_;
  std::string_view function_;
  std::span<const pickle_node> arguments_;
};

}  // namespace warmstart::detail
