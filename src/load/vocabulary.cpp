#include "load/vocabulary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "io/file.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

/// Splits the blocks of a file into tokens.
class token_collector {
 public:
  token_collector(const std::string& path, std::optional<std::int64_t> size,
                  const vocabulary_limits& limits)
      : path_(path), size_(size), limits_(limits) {}

  [[nodiscard]] bool enough() const {
    return size_ && static_cast<std::int64_t>(tokens_.size()) == *size_;
  }

  void add(std::string_view text) {
    seen_bytes_ += static_cast<std::int64_t>(text.size());
    if (seen_bytes_ > limits_.file_bytes) {
      refuse(error_code::unsupported,
             fmt::format("a vocabulary of more than {} bytes", limits_.file_bytes));
    }
    while (!text.empty() && !enough()) {
      const std::size_t end = text.find('\n');
      line_ += text.substr(0, end);
      // Allow one byte for a carriage return after the longest token.
      if (static_cast<std::int64_t>(line_.size()) > limits_.token_bytes + 1) refuse_length();
      if (end == std::string_view::npos) return;
      end_line();
      text.remove_prefix(end + 1);
    }
  }

  std::vector<std::string> finish() {
    // A last line without a line feed counts unless it is empty.
    if (!enough() && !line_.empty() && line_ != "\r") end_line();
    if (size_ && !enough()) {
      throw error(error_code::mismatch, fmt::format("{}: expected at least {} lines, found {}",
                                                    path_, *size_, tokens_.size()));
    }
    return std::move(tokens_);
  }

 private:
  void end_line() {
    if (line_.ends_with('\r')) line_.pop_back();
    if (line_.empty()) {
      refuse(error_code::corrupt, "expected a token, found an empty line");
    }
    if (static_cast<std::int64_t>(line_.size()) > limits_.token_bytes) refuse_length();
    tokens_.push_back(line_);
    line_.clear();
  }

  [[noreturn]] void refuse_length() const {
    refuse(error_code::unsupported,
           fmt::format("expected a token of at most {} bytes, found a longer line",
                       limits_.token_bytes));
  }
  [[noreturn]] void refuse(error_code code, const std::string& why) const {
    throw error(code, fmt::format("{}, line {}: {}", path_, tokens_.size() + 1, why));
  }

  const std::string& path_;
  std::optional<std::int64_t> size_;
  const vocabulary_limits& limits_;
  std::int64_t seen_bytes_ = 0;
  std::string line_;  ///< the part seen so far
  std::vector<std::string> tokens_;
};

}  // namespace

std::vector<std::string> read_vocabulary(const std::string& path, std::optional<std::int64_t> size,
                                         const vocabulary_limits& limits) {
  if (size && *size < 0) {
    throw error(error_code::invalid_argument,
                fmt::format("{}: expected a size of at least 0, found {}", path, *size));
  }
  token_collector tokens(path, size, limits);
  visit_stream(path, [&](std::span<const std::byte> block) {
    if (!tokens.enough()) {
      tokens.add({reinterpret_cast<const char*>(block.data()), block.size()});
    }
    return !tokens.enough();
  });
  return tokens.finish();
}

}  // namespace warmstart::detail
