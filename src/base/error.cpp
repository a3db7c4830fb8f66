#include "warmstart/error.hpp"

#include <utility>

namespace warmstart {
namespace {

// `what()` ends at the first NUL, and names may contain NULs.
std::string without_nul(std::string_view message) {
  std::string text;
  for (const char c : message) {
    if (c == '\0') {
      text += "\\x00";
    } else {
      text += c;
    }
  }
  return text;
}

std::vector<problem> at_least_one(std::vector<problem> problems) {
  if (problems.empty()) problems.push_back({.message = "an error without a problem was thrown"});
  return problems;
}

std::string summary(const std::vector<problem>& problems) {
  if (problems.size() == 1) return without_nul(problems.front().message);
  std::string text = std::to_string(problems.size()) + " problems:";
  for (const problem& one : problems) text += "\n  " + without_nul(one.message);
  return text;
}

}  // namespace

std::string_view to_string(error_code code) noexcept {
  switch (code) {
    case error_code::not_found:
      return "not_found";
    case error_code::mismatch:
      return "mismatch";
    case error_code::corrupt:
      return "corrupt";
    case error_code::unsupported:
      return "unsupported";
    case error_code::io:
      return "io";
    case error_code::out_of_memory:
      return "out_of_memory";
    case error_code::device:
      return "device";
    case error_code::cancelled:
      return "cancelled";
    case error_code::invalid_argument:
      return "invalid_argument";
  }
  return "unknown";
}

error::error(error_code code, const std::string& message)
    : error(problem{.code = code, .message = message}) {}

error::error(problem single) : error(std::vector<problem>{std::move(single)}) {}

error::error(std::vector<problem> problems)
    : error(std::make_shared<const std::vector<problem>>(at_least_one(std::move(problems)))) {}

error::error(std::shared_ptr<const std::vector<problem>> problems)
    : std::runtime_error(summary(*problems)), problems_(std::move(problems)) {}

// Defined here so that the type information exists once, and handlers in all libraries recognize
// it.
error::~error() = default;

}  // namespace warmstart
