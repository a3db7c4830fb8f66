#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "model/view.hpp"

namespace warmstart::detail::test {

/// Row-major elements of a shape, -1 where there is none. Does the work of views element by
/// element.
struct naive_array {
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> elements;

  [[nodiscard]] std::int64_t& at(const std::vector<std::int64_t>& index) {
    std::size_t position = 0;
    for (std::size_t d = 0; d < sizes.size(); ++d) {
      position = position * static_cast<std::size_t>(sizes[d]) + static_cast<std::size_t>(index[d]);
    }
    return elements.at(position);
  }
};

/// Calls `visit(index)` for every index of that shape, row-major.
template <class Visit>
void for_each_index(const std::vector<std::int64_t>& sizes, const Visit& visit) {
  std::vector<std::int64_t> index(sizes.size(), 0);
  for (const std::int64_t size : sizes) {
    if (size == 0) return;
  }
  for (;;) {
    visit(index);
    std::size_t d = sizes.size();
    while (d > 0 && ++index[d - 1] == sizes[d - 1]) index[--d] = 0;
    if (d == 0) return;
  }
}

/// An array of another shape, whose element at `index` is that of `from` at `source(index)`.
template <class Source>
naive_array gathered(naive_array from, std::vector<std::int64_t> sizes, const Source& source) {
  naive_array made{.sizes = std::move(sizes), .elements = {}};
  for_each_index(made.sizes, [&](const std::vector<std::int64_t>& index) {
    const std::optional<std::vector<std::int64_t>> at = source(index);
    made.elements.push_back(at ? from.at(*at) : -1);
  });
  return made;
}

/// A random chain of steps, and the result of applying it to an array.
struct random_view {
  view_steps steps;
  std::array<std::optional<std::vector<std::int64_t>>, 2> indices;  ///< of its remaps
  naive_array result;
};

inline random_view make_random_view(naive_array tensor, std::mt19937& random) {
  using index_list = std::vector<std::int64_t>;
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  random_view made{.steps = {}, .indices = {}, .result = std::move(tensor)};
  naive_array& now = made.result;
  if (pick(0, 1) == 0) {
    index_list sizes;
    for (const std::int64_t size : now.sizes) {
      const std::int64_t start = pick(0, size - 1);
      sizes.push_back(pick(1, size - start));
      const bool to_end = start + sizes.back() == size && pick(0, 1) == 0;
      made.steps.part.push_back({.start = start, .length = to_end ? -1 : sizes.back()});
    }
    now = gathered(now, sizes, [&](index_list index) {
      for (std::size_t d = 0; d < index.size(); ++d) index[d] += made.steps.part[d].start;
      return std::optional(index);
    });
  }
  if (pick(0, 1) == 0) {
    index_list sizes;
    auto left = static_cast<std::int64_t>(now.elements.size());
    while (left > 1 || pick(0, 2) == 0) {
      std::int64_t factor = pick(1, left);
      while (left % factor != 0) --factor;
      sizes.push_back(factor);
      left /= factor;
    }
    now.sizes = sizes;
    if (!sizes.empty() && pick(0, 2) == 0) {
      sizes[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(sizes.size()) - 1))] = -1;
    }
    made.steps.reshaped = sizes;
  }
  if (pick(0, 1) == 0) {
    for (std::size_t d = 0; d < now.sizes.size(); ++d) {
      made.steps.order.push_back(static_cast<int>(d));
    }
    std::shuffle(made.steps.order.begin(), made.steps.order.end(), random);
    index_list sizes;
    for (const int from : made.steps.order) {
      sizes.push_back(now.sizes[static_cast<std::size_t>(from)]);
    }
    now = gathered(now, sizes, [&](const index_list& index) {
      index_list at(index.size());
      for (std::size_t d = 0; d < index.size(); ++d) {
        at[static_cast<std::size_t>(made.steps.order[d])] = index[d];
      }
      return std::optional(at);
    });
  }
  for (std::size_t d = 0; d < 2 && d < now.sizes.size(); ++d) {
    if (pick(0, 2) != 0) continue;
    index_list indices;
    for (std::int64_t i = pick(0, now.sizes[d] + 3); i > 0; --i) {
      const bool goes_on = !indices.empty() && indices.back() + 1 < now.sizes[d] && pick(0, 1) == 0;
      indices.push_back(goes_on ? indices.back() + 1 : pick(-1, now.sizes[d] - 1));
    }
    made.steps.remaps[d] = std::make_shared<const index_remap>(indices);
    made.indices[d] = indices;
    index_list sizes = now.sizes;
    sizes[d] = static_cast<std::int64_t>(indices.size()) + pick(indices.empty() ? 1 : 0, 2);
    now = gathered(now, sizes, [&](index_list index) -> std::optional<index_list> {
      const auto i = static_cast<std::size_t>(index[d]);
      if (i >= indices.size() || indices[i] < 0) return std::nullopt;
      index[d] = indices[i];
      return index;
    });
  }
  return made;
}

}  // namespace warmstart::detail::test
