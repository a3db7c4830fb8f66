#include "model/view.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "base/checked.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

[[noreturn]] void misfit(const std::string& why) {
  throw error(error_code::mismatch, why);
}
[[noreturn]] void refuse_view(const std::string& why) {
  throw error(error_code::invalid_argument, why);
}

std::string listed(const auto& numbers) {
  std::string text = "[";
  for (const auto number : numbers) {
    if (text.size() > 1) text += ',';
    text += std::to_string(number);
  }
  return text + ']';
}

// The part with explicit lengths.
std::vector<slice_extent> part_of(std::vector<slice_extent> part, const shape& tensor) {
  if (part.empty()) return slice::all_of(tensor).extents();
  if (static_cast<int>(part.size()) != tensor.rank()) {
    misfit("a slice with " + std::to_string(part.size()) + " dimensions does not fit shape " +
           to_string(tensor));
  }
  for (int d = 0; d < tensor.rank(); ++d) {
    slice_extent& extent = part[static_cast<std::size_t>(d)];
    const std::string spelled = std::to_string(extent.start) + ',' + std::to_string(extent.length);
    if (extent.start < 0 || extent.length < -1) {
      refuse_view("slice " + spelled +
                  ": expected a start of at least 0 and a length of at least -1");
    }
    if (extent.length == -1) extent.length = tensor[d] - extent.start;
    // Compare a difference instead of a sum, which could overflow.
    if (extent.start > tensor[d] || extent.length > tensor[d] - extent.start) {
      misfit("slice " + spelled + " exceeds dimension " + std::to_string(d) + " of shape " +
             to_string(tensor));
    }
  }
  return part;
}

// The sizes, with -1 replaced by the size that fits.
std::vector<std::int64_t> sizes_of(std::vector<std::int64_t> sizes, const shape& sliced) {
  const std::string spelled = listed(sizes);
  std::optional<std::int64_t> known = 1;
  auto open = sizes.end();
  for (auto size = sizes.begin(); size != sizes.end(); ++size) {
    if (*size < -1 || (*size == -1 && open != sizes.end())) {
      refuse_view("shape " + spelled + ": expected sizes of at least 0, and at most one -1");
    }
    if (*size == -1) {
      open = size;
    } else if (known) {
      known = checked_multiply(*known, *size);
    }
  }
  const std::int64_t count = sliced.element_count();
  if (open != sizes.end() && known && *known > 0 && count % *known == 0) {
    *open = count / *known;
  } else if (open != sizes.end() || !known || *known != count) {
    misfit("shape " + to_string(sliced) + " cannot be reshaped to " + spelled + ": it has " +
           std::to_string(count) + " elements");
  }
  return sizes;
}

std::vector<int> order_of(std::vector<int> order, const shape& reshaped) {
  std::vector<int> in_order(static_cast<std::size_t>(reshaped.rank()));
  std::iota(in_order.begin(), in_order.end(), 0);
  if (order.empty()) return in_order;
  std::vector<int> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] != static_cast<int>(i)) {
      refuse_view("transpose " + listed(order) + " does not name each dimension once");
    }
  }
  if (sorted != in_order) {
    misfit("transpose " + listed(order) + " does not fit shape " + to_string(reshaped));
  }
  return order;
}

}  // namespace

view::view(view_steps steps, const shape& tensor, const shape& variable)
    : steps_(std::move(steps)) {
  steps_.part = part_of(std::move(steps_.part), tensor);
  sliced_ = slice(steps_.part).lengths();
  reshaped_ = steps_.reshaped ? shape(sizes_of(*steps_.reshaped, sliced_)) : sliced_;
  steps_.order = order_of(std::move(steps_.order), reshaped_);
  std::vector<std::int64_t> sizes;
  for (const int from : steps_.order) sizes.push_back(reshaped_[from]);
  for (std::size_t d = 0; d < steps_.remaps.size(); ++d) {
    const auto& remap = steps_.remaps[d];
    if (!remap) continue;
    if (d >= sizes.size()) {
      misfit("shape " + to_string(shape(sizes)) + " has no dimension " + std::to_string(d) +
             " to remap");
    }
    if (remap->old_end() > sizes[d]) {
      misfit("index " + std::to_string(remap->old_end() - 1) + " exceeds dimension " +
             std::to_string(d) + " of shape " + to_string(shape(sizes)));
    }
    sizes[d] = remap->size();
    const int dimension = static_cast<int>(d);
    if (dimension < variable.rank()) sizes[d] = std::max(sizes[d], variable[dimension]);
  }
  result_ = shape(std::move(sizes));
}

bool view::in_order() const noexcept {
  if (steps_.remaps[0] || steps_.remaps[1]) return false;
  int last = -1;
  for (const int from : steps_.order) {
    if (reshaped_[from] == 1) continue;
    if (from < last) return false;
    last = from;
  }
  return true;
}

bool view::repeats() const noexcept {
  return std::any_of(steps_.remaps.begin(), steps_.remaps.end(),
                     [](const auto& remap) { return remap && remap->repeats(); });
}

void view::append_gaps(const slice& wanted, std::vector<slice>& into) const {
  if (wanted.lengths().element_count() == 0) return;
  std::vector<slice_extent> rest = wanted.extents();
  // A gap spans all later dimensions. Search later dimensions only outside of gaps.
  const auto look = [&](const auto& self, std::size_t d) -> void {
    if (d == steps_.remaps.size()) return;
    if (!steps_.remaps[d]) return self(self, d + 1);
    const slice_extent all = rest[d];
    std::int64_t present = all.start;
    const auto present_until = [&](std::int64_t end) {
      if (present == end) return;
      rest[d] = {.start = present, .length = end - present};
      self(self, d + 1);
    };
    for (const index_run& run : steps_.remaps[d]->runs(all.start, all.start + all.length)) {
      if (run.old_begin >= 0) continue;
      present_until(run.begin);
      rest[d] = {.start = run.begin, .length = run.count};
      into.emplace_back(rest);
      present = run.end();
    }
    present_until(all.start + all.length);
    rest[d] = all;
  };
  look(look, 0);
}

std::vector<std::int64_t> strides_of(const stored_piece& piece) {
  std::vector<std::int64_t> strides(piece.slice.extents().size());
  std::int64_t dense = 1;
  for (std::size_t d = strides.size(); d > 0; --d) {
    const std::int64_t length = piece.slice.extents()[d - 1].length;
    if (length > 1) strides[d - 1] = piece.strides.empty() ? dense : piece.strides[d - 1];
    dense *= length;
  }
  return strides;
}

bool lies_in_order(const stored_piece& piece) {
  if (piece.first != 0) return false;
  return piece.strides.empty() || strides_of(piece) == strides_of({.slice = piece.slice});
}

bool shares_elements(const stored_piece& piece) {
  if (piece.strides.empty()) return false;
  const std::vector<std::int64_t> strides = strides_of(piece);
  std::vector<box_dimension> loops;
  for (std::size_t d = 0; d < strides.size(); ++d) {
    loops.push_back({.count = piece.slice.extents()[d].length, .source_stride = strides[d]});
  }
  std::erase_if(loops, [](const box_dimension& loop) { return loop.count <= 1; });
  std::sort(loops.begin(), loops.end(), [](const box_dimension& a, const box_dimension& b) {
    return a.source_stride < b.source_stride;
  });
  // Distance from the first to the last element of the loops so far, plus one.
  std::int64_t span = 1;
  for (const box_dimension& loop : loops) {
    if (loop.source_stride < span) return true;
    span += (loop.count - 1) * loop.source_stride;
  }
  return false;
}

}  // namespace warmstart::detail
