#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/file_problem.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/numpy/npy_header.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

/// Parses the subset of Python's dict syntax that versions of NumPy write.
class dict_reader {
 public:
  dict_reader(std::string_view text, const std::string& path, std::int64_t offset)
      : text_(text), path_(path), offset_(offset) {}

  npy_header read() {
    expect('{');
    while (!take('}')) {
      read_item();
      if (take(',')) continue;
      expect('}');
      break;
    }
    skip_space();
    if (at_ != text_.size()) refuse("the end of the header");
    for (const char* key : {"descr", "fortran_order", "shape"}) {
      if (!seen_.contains(key)) refuse(fmt::format("a dict with {}", key));
    }
    return std::move(made_);
  }

 private:
  void read_item() {
    const std::string key = read_text();
    if (!seen_.insert(key).second) refuse("each key once");
    expect(':');
    if (key == "descr") {
      read_description();
    } else if (key == "fortran_order") {
      made_.column_major = read_boolean();
    } else if (key == "shape") {
      read_sizes();
    } else {
      refuse("a key that is descr, fortran_order or shape");
    }
  }

  void read_description() {
    skip_space();
    if (at_ < text_.size() && (text_[at_] == '[' || text_[at_] == '(')) {
      throw error(file_problem(error_code::unsupported, place(),
                               "its elements are structures, which cannot be loaded"));
    }
    made_.description = read_text();
  }

  bool read_boolean() {
    skip_space();
    for (const auto& [word, value] :
         {std::pair{std::string_view("True"), true}, std::pair{std::string_view("False"), false}}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return value;
    }
    refuse("True or False");
  }

  // (), (3,), (3, 4), (3, 4,); (3) is a number.
  void read_sizes() {
    expect('(');
    bool comma = true;
    while (!take(')')) {
      if (!comma) refuse("a comma");
      made_.sizes.push_back(read_number());
      comma = take(',');
    }
    if (made_.sizes.size() == 1 && !comma) refuse("a tuple");
  }

  std::uint64_t read_number() {
    skip_space();
    const std::size_t begin = at_;
    std::uint64_t number = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      if (__builtin_mul_overflow(number, std::uint64_t{10}, &number) ||
          __builtin_add_overflow(number, digit, &number)) {
        refuse("a size below 2^64");
      }
    }
    if (at_ == begin) refuse("a size");
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // Python 2
    return number;
  }

  std::string read_text() {
    skip_space();
    if (at_ < text_.size() && text_[at_] == 'u') ++at_;  // Python 2
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') refuse("text");
    const std::size_t end = text_.find(quote, at_ + 1);
    const std::string_view inner =
        text_.substr(at_ + 1, end == std::string_view::npos ? end : end - at_ - 1);
    if (end == std::string_view::npos || inner.find('\\') != std::string_view::npos) {
      refuse("text without escapes");
    }
    at_ = end + 1;
    return std::string(inner);
  }

  void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n\f", at_), text_.size()); }
  bool take(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) refuse(fmt::format("'{}'", c));
  }

  [[noreturn]] void refuse(const std::string& expected) const {
    constexpr std::size_t MAX_SHOWN = 20;
    throw error(file_difference(
        error_code::corrupt, place(), "header",
        {.expected = std::string(expected),
         .found = at_ == text_.size() ? "its end" : in_quotes(text_.substr(at_, MAX_SHOWN))}));
  }
  [[nodiscard]] file_place place() const {
    return {path_, offset_ + static_cast<std::int64_t>(at_)};
  }

  std::string_view text_;
  const std::string& path_;
  std::int64_t offset_;
  std::size_t at_ = 0;
  std::set<std::string> seen_;
  npy_header made_;
};

}  // namespace

npy_header parse_npy_header(std::string_view text, const std::string& path, std::int64_t offset) {
  return dict_reader(text, path, offset).read();
}

}  // namespace warmstart::detail
