#include <algorithm>
#include <cmath>
#include <string>

#include "warmstart/error.hpp"
#include "warmstart/partitioner.hpp"

namespace warmstart {
namespace {

void require(bool holds, const std::string& what) {
  if (!holds) throw error(error_code::invalid_argument, what);
}

void require_axis(int axis, const shape& of, const char* who) {
  require(axis >= 0 && axis < of.rank(), std::string(who) + ": axis " + std::to_string(axis) +
                                             " is not a dimension of shape " + to_string(of));
}

std::vector<std::int64_t> only_along(const shape& of, int axis, std::int64_t parts) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(of.rank()), 1);
  counts[static_cast<std::size_t>(axis)] = parts;
  return counts;
}

}  // namespace

partitioner fixed_size_partitioner(std::int64_t num_shards, int axis) {
  return [=](const shape& of, dtype) {
    require_axis(axis, of, "fixed_size_partitioner");
    return only_along(of, axis, std::min(num_shards, of[axis]));
  };
}

partitioner variable_axis_size_partitioner(std::int64_t max_shard_bytes, int axis,
                                           std::optional<std::int64_t> max_shards) {
  constexpr auto WHO = "variable_axis_size_partitioner";
  require(max_shard_bytes >= 1, std::string(WHO) + ": max_shard_bytes must be at least 1");
  // As in TensorFlow, 0 means no limit.
  require(max_shards.value_or(0) >= 0, std::string(WHO) + ": max_shards must be at least 1");
  return [=](const shape& of, dtype type) {
    require_axis(axis, of, WHO);
    require(of.element_count() > 0,
            std::string(WHO) + ": shape " + to_string(of) + " has no elements");
    // TensorFlow computes in doubles with true division.
    const double slice_bytes = static_cast<double>(of.element_count()) /
                               static_cast<double>(of[axis]) * static_cast<double>(size_of(type));
    const double slices_per_shard =
        std::max(1.0, std::floor(static_cast<double>(max_shard_bytes) / slice_bytes));
    auto parts = static_cast<std::int64_t>(
        std::min(std::ceil(static_cast<double>(of[axis]) / slices_per_shard), 0x1p62));
    if (max_shards.value_or(0) > 0) parts = std::min(*max_shards, parts);
    return only_along(of, axis, parts);
  };
}

partitioner min_max_variable_partitioner(std::int64_t max_partitions, int axis,
                                         std::int64_t min_slice_size) {
  constexpr auto WHO = "min_max_variable_partitioner";
  require(min_slice_size >= 1, std::string(WHO) + ": min_slice_size must be at least 1");
  return [=](const shape& of, dtype type) {
    require_axis(axis, of, WHO);
    const double bytes =
        static_cast<double>(of.element_count()) * static_cast<double>(size_of(type));
    const auto slices = static_cast<std::int64_t>(
        std::min(std::ceil(bytes / static_cast<double>(min_slice_size)), 0x1p62));
    return only_along(of, axis,
                      std::max<std::int64_t>(1, std::min({of[axis], max_partitions, slices})));
  };
}

partitioner explicit_partitioner(std::vector<std::int64_t> counts) {
  return [counts = std::move(counts)](const shape&, dtype) { return counts; };
}

}  // namespace warmstart
