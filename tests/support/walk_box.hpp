#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "tensor/box.hpp"

namespace warmstart::detail::test {

/// {destination, source} of every element, by walking the loops.
inline std::vector<std::pair<std::int64_t, std::int64_t>> walk(const box& b) {
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs = {{b.destination, b.source}};
  for (const box_dimension& dimension : b.dimensions) {
    std::vector<std::pair<std::int64_t, std::int64_t>> next;
    for (const auto& [to, from] : pairs) {
      for (std::int64_t i = 0; i < dimension.count; ++i) {
        next.emplace_back(to + i * dimension.destination_stride,
                          from + i * dimension.source_stride);
      }
    }
    pairs = std::move(next);
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> elements;
  for (const auto& [to, from] : pairs) {
    for (std::int64_t i = 0; i < b.run; ++i) elements.emplace_back(to + i, from + i);
  }
  return elements;
}

}  // namespace warmstart::detail::test
