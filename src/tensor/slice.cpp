#include "warmstart/slice.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/checked.hpp"
#include "warmstart/error.hpp"

namespace warmstart {

using namespace detail;

namespace {

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

slice_extent parse_extent(std::string_view piece, std::string_view text) {
  if (piece == "-") return {};
  const std::size_t comma = piece.find(',');
  const auto start = number(piece.substr(0, comma));
  const auto length =
      comma == std::string_view::npos ? std::nullopt : number(piece.substr(comma + 1));
  if (!start || !length) {
    throw error(error_code::invalid_argument, "slice '" + std::string(text) +
                                                  "': expected a pair of numbers or '-', found '" +
                                                  std::string(piece) + "'");
  }
  if (*start < 0 || *length <= 0) {
    throw error(error_code::invalid_argument,
                "slice '" + std::string(text) +
                    "': expected a non-negative start and a positive length, found '" +
                    std::string(piece) + "'");
  }
  return {.start = *start, .length = *length};
}

}  // namespace

slice slice::all_of(const shape& whole) {
  std::vector<slice_extent> extents;
  extents.reserve(whole.sizes().size());
  for (const std::int64_t size : whole.sizes()) extents.push_back({.start = 0, .length = size});
  return slice(std::move(extents));
}

slice slice::parse(std::string_view text) {
  std::vector<slice_extent> extents;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    if (end != begin) extents.push_back(parse_extent(text.substr(begin, end - begin), text));
    begin = end + 1;
  }
  return slice(std::move(extents));
}

slice slice::within(const shape& whole) const {
  if (rank() != whole.rank()) {
    throw error(error_code::mismatch, "slice " + to_string(*this) + " has " +
                                          std::to_string(rank()) + " dimensions, shape " +
                                          to_string(whole) + " has " +
                                          std::to_string(whole.rank()));
  }
  std::vector<slice_extent> extents = extents_;
  for (int d = 0; d < rank(); ++d) {
    slice_extent& extent = extents[static_cast<std::size_t>(d)];
    if (extent.full()) extent.length = whole[d];
    const auto end = checked_add(extent.start, extent.length);
    if (extent.start < 0 || extent.length < 0 || !end || *end > whole[d]) {
      throw error(error_code::mismatch, "slice " + to_string(*this) + " exceeds dimension " +
                                            std::to_string(d) + " of shape " + to_string(whole));
    }
  }
  return slice(std::move(extents));
}

bool slice::covers(const shape& whole) const {
  if (rank() != whole.rank()) return false;
  for (int d = 0; d < rank(); ++d) {
    const slice_extent& extent = (*this)[d];
    if (!extent.full() && (extent.start != 0 || extent.length != whole[d])) return false;
  }
  return true;
}

shape slice::lengths() const {
  std::vector<std::int64_t> sizes;
  sizes.reserve(extents_.size());
  for (const slice_extent& extent : extents_) sizes.push_back(extent.length);
  return shape(std::move(sizes));
}

std::optional<slice> intersection(const slice& a, const slice& b) {
  if (a.rank() != b.rank()) return std::nullopt;
  std::vector<slice_extent> extents;
  extents.reserve(a.extents().size());
  for (int d = 0; d < a.rank(); ++d) {
    if (a[d].full() || b[d].full()) {
      extents.push_back(a[d].full() ? b[d] : a[d]);
      continue;
    }
    const std::int64_t start = std::max(a[d].start, b[d].start);
    const std::int64_t end = std::min(a[d].start + a[d].length, b[d].start + b[d].length);
    if (start >= end) return std::nullopt;
    extents.push_back({.start = start, .length = end - start});
  }
  return slice(std::move(extents));
}

std::string to_string(const slice& s) {
  std::string text;
  for (const slice_extent& extent : s.extents()) {
    if (!text.empty()) text += ':';
    text +=
        extent.full() ? "-" : std::to_string(extent.start) + "," + std::to_string(extent.length);
  }
  return text;
}

}  // namespace warmstart
