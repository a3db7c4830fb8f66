#include "variables/partition.hpp"

#include <algorithm>

#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

// Limits the effect of typing errors: every part is a named variable and needs memory.
constexpr std::int64_t MAX_PARTS = 1 << 20;

std::string join(const std::vector<std::int64_t>& counts) {
  std::string text = "[";
  for (const std::int64_t count : counts) {
    if (text.size() > 1) text += ',';
    text += std::to_string(count);
  }
  return text + ']';
}

// Calls the partitioner and adds the variable's name to its errors.
std::vector<std::int64_t> ask_for(const std::string& name, const partitioner& ask,
                                  const shape& full_shape, dtype type) {
  try {
    return ask(full_shape, type);
  } catch (const error& bad) {
    throw error({.code = bad.code(),
                 .message = "variable " + name + ": " + bad.what(),
                 .variable = name,
                 .tensor = {}});
  }
}

}  // namespace

std::vector<std::int64_t> count_parts(const partitioner& ask, const std::string& name,
                                      const shape& full_shape, dtype type) {
  const std::vector<std::int64_t> counts = ask_for(name, ask, full_shape, type);
  const auto require = [&](bool holds, const std::string& what) {
    if (holds) return;
    throw error({.code = error_code::invalid_argument,
                 .message = "variable " + name + " of shape " + to_string(full_shape) +
                            " cannot be partitioned into " + join(counts) + ": " + what,
                 .variable = name,
                 .tensor = {}});
  };
  require(counts.size() == static_cast<std::size_t>(full_shape.rank()),
          "expected one count per dimension");
  require(std::all_of(counts.begin(), counts.end(), [](std::int64_t n) { return n >= 1; }),
          "expected at least one part per dimension");
  require(std::count_if(counts.begin(), counts.end(), [](std::int64_t n) { return n > 1; }) <= 1,
          "only one dimension can be cut");
  for (std::size_t d = 0; d < counts.size(); ++d) {
    require(counts[d] <= full_shape.sizes()[d],
            "dimension " + std::to_string(d) + " has fewer elements than parts");
    require(counts[d] <= MAX_PARTS, "expected at most " + std::to_string(MAX_PARTS) + " parts");
  }
  return counts;
}

std::vector<slice> cut_into_parts(const shape& full_shape,
                                  const std::vector<std::int64_t>& counts) {
  const auto cut = std::find_if(counts.begin(), counts.end(), [](std::int64_t n) { return n > 1; });
  if (cut == counts.end()) return {slice::all_of(full_shape)};
  const auto axis = static_cast<std::size_t>(cut - counts.begin());
  const std::int64_t size = full_shape.sizes()[axis];
  std::vector<slice> parts;
  std::int64_t start = 0;
  for (std::int64_t i = 0; i < *cut; ++i) {
    std::vector<slice_extent> extents = slice::all_of(full_shape).extents();
    extents[axis] = {.start = start, .length = size / *cut + (i < size % *cut ? 1 : 0)};
    start += extents[axis].length;
    parts.emplace_back(std::move(extents));
  }
  return parts;
}

}  // namespace warmstart::detail
