#include "base/human_bytes.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace warmstart::detail {

std::string human_bytes(std::int64_t bytes) {
  constexpr std::array UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  auto number = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; number >= 1024 && unit + 1 < UNITS.size(); ++unit) number /= 1024;
  return fmt::format("{:.{}f} {}", number, unit == 0 ? 0 : 1, UNITS[unit]);
}

}  // namespace warmstart::detail
