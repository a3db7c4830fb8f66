#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "warmstart/error.hpp"

namespace warmstart::detail::cli {

/// A value of a job file with its place, for messages such as
/// `variables[2].shape[0]: expected an integer, found "x"`.
class json_value {
 public:
  json_value(const nlohmann::json& value, std::string where)
      : value_(&value), where_(std::move(where)) {}

  [[noreturn]] void refuse(const std::string& why,
                           error_code code = error_code::invalid_argument) const;

  [[nodiscard]] const std::string& place() const { return where_; }

  [[nodiscard]] bool is_object() const { return value_->is_object(); }
  [[nodiscard]] bool is_array() const { return value_->is_array(); }
  [[nodiscard]] bool is_string() const { return value_->is_string(); }

  /// The value as JSON, on one line.
  [[nodiscard]] std::string text() const;

  // These throw for values of other types.
  [[nodiscard]] std::string string() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] std::uint64_t natural() const;
  [[nodiscard]] double number() const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::vector<json_value> items() const;
  [[nodiscard]] std::vector<std::int64_t> integers() const;
  [[nodiscard]] std::vector<std::pair<std::string, json_value>> members() const;

  /// Throws if the value is not an object, or for its first field that is not in `known`.
  void require_fields(const std::set<std::string>& known) const;
  /// A field of an object, or nothing.
  [[nodiscard]] std::optional<json_value> field(const std::string& name) const;
  /// A field that must exist. Throws if it does not, or the value is not an object.
  [[nodiscard]] json_value required(const std::string& name) const;

 private:
  const nlohmann::json* value_;
  std::string where_;
};

}  // namespace warmstart::detail::cli
