#include "formats/common/stored_shape.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/checked.hpp"

namespace warmstart::detail {

std::optional<shape> stored_shape(std::span<const std::uint64_t> sizes, std::size_t element_bytes) {
  std::vector<std::int64_t> fitting;
  auto bytes = static_cast<std::int64_t>(element_bytes);
  for (const std::uint64_t size : sizes) {
    if (size > INT64_MAX) return std::nullopt;
    fitting.push_back(static_cast<std::int64_t>(size));
    const auto product = checked_multiply(bytes, std::max<std::int64_t>(fitting.back(), 1));
    if (!product) return std::nullopt;
    bytes = *product;
  }
  return shape(std::move(fitting));
}

}  // namespace warmstart::detail
