#pragma once

#include <nanobind/nanobind.h>

#include <string_view>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/partial_checksums.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

// Small values that cross the border as plain Python ones: a dtype and a device by name, a shape as
// a tuple of sizes, a slice as pairs of start and length.
namespace warmstart::python {

using extents = std::vector<std::pair<std::int64_t, std::int64_t>>;

[[nodiscard]] dtype dtype_named(std::string_view name);
[[nodiscard]] shape shape_from(std::vector<std::int64_t> sizes);
[[nodiscard]] nanobind::tuple to_tuple(const shape& of);
[[nodiscard]] std::vector<slice_extent> slice_extents_from(const extents& pairs);
[[nodiscard]] nanobind::object to_pairs(const slice& of);
[[nodiscard]] partial_checksums partial_named(std::string_view name);

}  // namespace warmstart::python
