#include "cli/json_fields.hpp"

namespace warmstart::detail::cli {
namespace {

constexpr std::size_t LONGEST_QUOTE = 60;

std::string in_one_line(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string quote(const nlohmann::json& value) {
  std::string text = in_one_line(value);
  if (text.size() > LONGEST_QUOTE) text = text.substr(0, LONGEST_QUOTE) + "...";
  return text;
}

}  // namespace

void json_value::refuse(const std::string& why, error_code code) const {
  throw error(code, (where_.empty() ? "the job" : where_) + ": " + why);
}

std::string json_value::string() const {
  if (!value_->is_string()) refuse("expected a string, found " + quote(*value_));
  return value_->get<std::string>();
}

std::int64_t json_value::integer() const {
  const bool fits = value_->is_number_unsigned() ? value_->get<std::uint64_t>() <= INT64_MAX
                                                 : value_->is_number_integer();
  if (!fits) refuse("expected an integer, found " + quote(*value_));
  return value_->get<std::int64_t>();
}

std::uint64_t json_value::natural() const {
  if (!value_->is_number_unsigned()) {
    refuse("expected an integer of at least 0, found " + quote(*value_));
  }
  return value_->get<std::uint64_t>();
}

std::string json_value::text() const {
  return in_one_line(*value_);
}

double json_value::number() const {
  if (!value_->is_number()) refuse("expected a number, found " + quote(*value_));
  return value_->get<double>();
}

bool json_value::boolean() const {
  if (!value_->is_boolean()) refuse("expected true or false, found " + quote(*value_));
  return value_->get<bool>();
}

std::vector<json_value> json_value::items() const {
  if (!value_->is_array()) refuse("expected a list, found " + quote(*value_));
  std::vector<json_value> all;
  for (std::size_t i = 0; i < value_->size(); ++i) {
    all.emplace_back((*value_)[i], where_ + '[' + std::to_string(i) + ']');
  }
  return all;
}

std::vector<std::int64_t> json_value::integers() const {
  std::vector<std::int64_t> all;
  for (const json_value& item : items()) all.push_back(item.integer());
  return all;
}

std::vector<std::pair<std::string, json_value>> json_value::members() const {
  if (!value_->is_object()) refuse("expected an object, found " + quote(*value_));
  std::vector<std::pair<std::string, json_value>> all;
  for (const auto& [name, value] : value_->items()) {
    all.emplace_back(name, json_value(value, where_.empty() ? name : where_ + '.' + name));
  }
  return all;
}

void json_value::require_fields(const std::set<std::string>& known) const {
  for (const auto& [name, value] : members()) {
    if (known.contains(name)) continue;
    std::string expected;
    for (const std::string& one : known) expected += (expected.empty() ? "" : ", ") + one;
    value.refuse("unknown field; expected one of " + expected);
  }
}

std::optional<json_value> json_value::field(const std::string& name) const {
  const auto found = value_->find(name);
  if (found == value_->end()) return std::nullopt;
  return json_value(*found, where_.empty() ? name : where_ + '.' + name);
}

json_value json_value::required(const std::string& name) const {
  if (!is_object()) refuse("expected an object, found " + quote(*value_));
  if (auto found = field(name)) return *found;
  refuse("field " + name + " is missing");
}

}  // namespace warmstart::detail::cli
