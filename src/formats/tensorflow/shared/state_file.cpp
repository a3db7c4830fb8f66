#include "formats/tensorflow/shared/state_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/file_problem.hpp"
#include "base/printable.hpp"
#include "base/units.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t MAX_STATE_FILE_BYTES = 16 * mebibyte;

/// Parses `name: value` fields. Values are strings (adjacent literals are joined) and numbers. A
/// field can end with `;` or `,`. A comment begins with `#`.
class state_parser {
 public:
  state_parser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  checkpoint_state parse() {
    checkpoint_state state;
    for (skip_space(); at_ < text_.size(); skip_space()) {
      const std::string field = take_word();
      skip_space();
      if (peek() != ':') refuse("expected ':' after a field's name");
      ++at_;
      skip_space();
      if (field == "model_checkpoint_path") {
        state.model_checkpoint_path = take_string();
      } else if (field == "all_model_checkpoint_paths") {
        add_strings(state.all_model_checkpoint_paths);
      } else if (field == "all_model_checkpoint_timestamps" ||
                 field == "last_preserved_timestamp") {
        skip_numbers();
      } else {
        refuse("unknown field '" + field + "'");
      }
      skip_space();
      if (peek() == ';' || peek() == ',') ++at_;
    }
    return state;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    const auto line =
        1 + std::count(text_.begin(),
                       text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size())),
                       '\n');
    throw error(file_problem(error_code::corrupt,
                             {.path = where_, .part = fmt::format("line {}", line)}, why));
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
        ++at_;
      } else {
        return;
      }
    }
  }

  std::string take_word() {
    const std::size_t begin = at_;
    while (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '_') ++at_;
    if (at_ == begin) refuse("expected a field's name");
    return std::string(text_.substr(begin, at_ - begin));
  }

  // A list in brackets means several fields of that name.
  template <class Take>
  void for_each_value(Take take) {
    if (peek() != '[') {
      take();
      return;
    }
    ++at_;
    for (skip_space(); peek() != ']'; skip_space()) {
      take();
      skip_space();
      if (peek() == ',') {
        ++at_;
      } else if (peek() != ']') {
        refuse("expected ',' or ']' in a list");
      }
    }
    ++at_;
  }

  void add_strings(std::vector<std::string>& to) {
    for_each_value([&] { to.push_back(take_string()); });
  }

  void skip_numbers() {
    for_each_value([&] {
      const std::size_t begin = at_;
      while (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '.' ||
             peek() == '+' || peek() == '-') {
        ++at_;
      }
      if (at_ == begin) refuse("expected a number");
    });
  }

  std::string take_string() {
    if (peek() != '"' && peek() != '\'') refuse("expected a string");
    std::string value;
    for (; peek() == '"' || peek() == '\''; skip_space()) take_literal(value);
    return value;
  }

  void take_literal(std::string& value) {
    const char quote = text_[at_++];
    while (peek() != quote) {
      if (at_ >= text_.size() || peek() == '\n') refuse("a string does not end");
      const char c = text_[at_++];
      if (c == '\\') {
        value += take_escape();
      } else {
        value += c;
      }
    }
    ++at_;
  }

  char take_escape() {
    if (at_ >= text_.size()) refuse("a string does not end");
    const char c = text_[at_++];
    constexpr std::string_view NAMES = "abfnrtv\\'\"?";
    constexpr std::string_view VALUES = "\a\b\f\n\r\t\v\\'\"?";
    if (const std::size_t known = NAMES.find(c); known != std::string_view::npos) {
      return VALUES[known];
    }
    if (c == 'x' || c == 'X') return take_digits(16, 2);
    --at_;
    return take_digits(8, 3);
  }

  char take_digits(int base, int at_most) {
    int value = 0;
    int count = 0;
    for (; count < at_most; ++count, ++at_) {
      const char c = peek();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : base;
      if (digit >= base) break;
      value = value * base + digit;
    }
    if (count == 0 || value > 255) refuse("an escape in a string is not known");
    return static_cast<char>(value);
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
};

std::string joined(const std::string& directory, const std::string& path) {
  if (path.starts_with('/')) return path;
  return directory.ends_with('/') ? directory + path : directory + "/" + path;
}

}  // namespace

checkpoint_state parse_checkpoint_state(std::string_view text, const std::string& where) {
  return state_parser(text, where).parse();
}

std::optional<std::string> newest_checkpoint_path(const file_system& files,
                                                  const std::string& directory) {
  const std::string path = joined(directory, "checkpoint");
  if (!files.is_regular(path)) return std::nullopt;
  const auto bytes = read_whole(files, path, MAX_STATE_FILE_BYTES);
  const checkpoint_state state =
      parse_checkpoint_state({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
  if (state.model_checkpoint_path.empty()) {
    throw error(file_difference(error_code::corrupt, {path}, "",
                                {.expected = "a field model_checkpoint_path", .found = "none"}));
  }
  if (state.model_checkpoint_path.find('\0') != std::string::npos) {
    throw error(file_problem(error_code::corrupt, {path},
                             "its path contains a NUL: " + printable(state.model_checkpoint_path)));
  }
  return joined(directory, state.model_checkpoint_path);
}

}  // namespace warmstart::detail
