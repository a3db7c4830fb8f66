#include "base/strict_json.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace warmstart::detail {
namespace {

// Line and column of the last byte read, counted from 1.
std::string place_of(std::string_view text, std::size_t bytes_read) {
  const std::string_view before = text.substr(0, std::max<std::size_t>(bytes_read, 1) - 1);
  const std::size_t line_start = before.rfind('\n') + 1;
  return "line " + std::to_string(1 + std::count(before.begin(), before.end(), '\n')) +
         ", column " + std::to_string(before.size() - line_start + 1);
}

// Extracts the reason from the parser's message, without exception names and position: `unexpected
// '}'; expected string literal`.
std::string reason_of(std::string_view what, std::string_view token) {
  constexpr std::string_view WHILE = "syntax error while parsing ";
  constexpr std::string_view DASH = " - ";
  if (what.find("number overflow") != std::string_view::npos) {
    return "the number " + std::string(token) + " is too large";
  }
  if (const std::size_t at = what.find(WHILE); at != std::string_view::npos) {
    const std::size_t dash = what.find(DASH, at);
    if (dash != std::string_view::npos) return std::string(what.substr(dash + DASH.size()));
  }
  const std::size_t bracket = what.find("] ");
  return std::string(bracket == std::string_view::npos ? what : what.substr(bracket + 2));
}

/// Scans a document without storing it and rejects what `parse` would accept: duplicate keys, and
/// nesting so deep that recursion over the value would overflow the stack.
class strict_reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  strict_reader(std::string_view text, const std::string& whose, error_code code)
      : text_(text), whose_(whose), code_(code) {}

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }

  bool start_object(std::size_t /*size*/) override { return enter(); }
  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second) {
      refuse("field " +
             nlohmann::json(name).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
             " occurs twice in one object");
    }
    return true;
  }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t /*size*/) override { return enter(); }
  bool end_array() override { return leave(); }

  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::json::exception& bad) override {
    if (text_.find_first_not_of(" \t\r\n") == std::string_view::npos) {
      throw error(code_, whose_ + " is not valid JSON: it is empty");
    }
    throw error(code_, whose_ + " is not valid JSON: " + place_of(text_, position) + ": " +
                           reason_of(bad.what(), token));
  }

 private:
  static constexpr std::size_t MAX_LEVELS = 100;

  [[noreturn]] void refuse(const std::string& why) const {
    throw error(code_, whose_ + ": " + why);
  }

  bool enter() {
    if (keys_.size() == MAX_LEVELS) {
      refuse("lists and objects are nested more than " + std::to_string(MAX_LEVELS) +
             " levels deep");
    }
    keys_.emplace_back();
    return true;
  }
  bool leave() {
    keys_.pop_back();
    return true;
  }

  std::string_view text_;
  const std::string& whose_;
  error_code code_;
  std::vector<std::set<std::string>> keys_;  ///< one entry per open list or object
};

}  // namespace

nlohmann::json parse_strict_json(std::string_view text, const std::string& whose, error_code code) {
  strict_reader strict(text, whose, code);
  nlohmann::json::sax_parse(text, &strict);
  return nlohmann::json::parse(text);
}

}  // namespace warmstart::detail
