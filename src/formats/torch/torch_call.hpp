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

/// A call that a pickle asks for, and its arguments, which are not to be trusted. `corrupt` is
/// thrown for those of other kinds than they have to be. The pickle outlives it.
class torch_call {
 public:
  /// `where` is in front of messages, and outlives it, too.
  torch_call(const pickle& in, const pickle_value& call, const std::string& where)
      : in_(in), where_(where), offset_(call.offset_bytes) {
    enter(call);
  }

  /// As a symbol: `module name`.
  [[nodiscard]] std::string_view function() const noexcept { return function_; }
  [[nodiscard]] std::size_t size() const noexcept { return arguments_.size(); }
  [[nodiscard]] const pickle_value& operator[](std::size_t i) const { return in_[arguments_[i]]; }

  /// Goes on to another call, which this one wraps up.
  void enter(const pickle_value& call);
  /// The same: of a function with a tuple of arguments.
  void enter(const pickle_value& function, const pickle_value& arguments);

  void expect_arguments(std::size_t least, std::size_t most) const;
  /// An integer >= 0. `what` it is is for messages.
  [[nodiscard]] std::int64_t natural(std::size_t i, const char* what) const;
  /// A tuple or list of them, for each dimension one.
  [[nodiscard]] std::vector<std::int64_t> naturals(std::size_t i, const char* what) const;
  /// What a dict says of a name: false if it does not.
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
