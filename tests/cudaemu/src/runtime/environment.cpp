#include "environment.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "config.hpp"

namespace cudaemu {

void reject(const char* name, std::string_view value, const char* expected) {
  complain("%s=%.*s: expected %s", name, static_cast<int>(value.size()), value.data(), expected);
  _exit(2);
}

const char* variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != 0 ? value : nullptr;
}

std::uint64_t parse_integer(const char* name, std::string_view text, const char* expected) {
  const std::string copy(text);
  char* end = nullptr;
  errno = 0;
  const unsigned long long value = std::strtoull(copy.c_str(), &end, 0);
  if (copy.empty() || copy[0] == '-' || *end != 0 || errno != 0) reject(name, text, expected);
  return value;
}

double parse_rate(const char* name, std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (copy.empty() || *end != 0 || !is_rate(value)) {
    reject(name, text, "gigabytes per second, 1e-6 to 1e6, or 0 for no limit");
  }
  return value * 1e9;
}

bool is_rate(double gigabytes_per_second) {
  return gigabytes_per_second == 0 || (gigabytes_per_second >= 1e-6 && gigabytes_per_second <= 1e6);
}

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t comma = list.find(',');
    parts.push_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

void read_flag(const char* name, bool& target) {
  const char* text = variable(name);
  if (text != nullptr) target = std::string_view(text) != "0";
}

void read_integer(const char* name, int& target, int low, int high, const char* expected) {
  const char* text = variable(name);
  if (text == nullptr) return;
  const std::uint64_t value = parse_integer(name, text, expected);
  if (value > static_cast<std::uint64_t>(high) || static_cast<int>(value) < low) {
    reject(name, text, expected);
  }
  target = static_cast<int>(value);
}

void read_bytes(const char* name, std::size_t& target) {
  const char* value = variable(name);
  if (value == nullptr) return;
  std::string_view text(value);
  int shift = 0;
  switch (text.back()) {
    case 'K':
      shift = 10;
      break;
    case 'M':
      shift = 20;
      break;
    case 'G':
      shift = 30;
      break;
    default:
      break;
  }
  if (shift != 0) text.remove_suffix(1);
  const std::uint64_t count = parse_integer(name, text, "a number of bytes, such as 512M");
  if (count == 0 || count > (std::uint64_t{1} << 40) >> shift) {
    reject(name, value, "between 1 byte and 1024G");
  }
  target = count << shift;
}

bool word_and_seed(const char* name, std::string_view text, std::string_view word,
                   std::uint64_t& seed) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  if (text.empty()) return true;
  if (text[0] != ':') return false;
  seed = parse_integer(name, text.substr(1), "a number after the colon");
  return true;
}

}  // namespace cudaemu
