#include "cli/byte_count.hpp"

#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <system_error>

#include "base/checked.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail::cli {
namespace {

// The factor of a unit such as "k", "kb", "ki" or "kib"; nothing if it is not a unit.
std::optional<std::int64_t> unit_bytes(std::string_view text) {
  std::string unit;
  for (const char c : text) {
    if (c != ' ') unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (unit.empty() || unit == "b") return 1;
  constexpr std::string_view PREFIXES = "kmgtpe";
  const std::size_t power = PREFIXES.find(unit.front());
  const std::string_view rest = std::string_view(unit).substr(1);
  const bool known = rest.empty() || rest == "b" || rest == "i" || rest == "ib";
  if (power == std::string_view::npos || !known) return std::nullopt;
  return std::int64_t{1} << (10 * (power + 1));
}

}  // namespace

std::int64_t parse_byte_count(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto refuse = [&](const std::string& why) {
    throw error(error_code::invalid_argument, why + ", found '" + std::string(text) + "'");
  };
  const auto unit = unit_bytes({end, static_cast<std::size_t>(text.data() + text.size() - end)});
  const auto bytes = unit ? checked_multiply(number, *unit) : std::nullopt;
  if (failure == std::errc::result_out_of_range || (unit && !bytes)) {
    refuse("expected less than 2^63 bytes");
  }
  if (failure != std::errc() || !bytes || *bytes < 1) {
    refuse("expected a number of bytes of at least 1, such as 67108864 or 64MiB");
  }
  return *bytes;
}

}  // namespace warmstart::detail::cli
