#pragma once

#include <nanobind/nanobind.h>

#include <initializer_list>
#include <string_view>
#include <utility>
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
[[nodiscard]] nanobind::list device_names(const std::vector<device>& all);

[[noreturn]] void refuse_name(std::string_view what, std::string_view name,
                              const std::vector<std::string_view>& expected);

/// The value of that name. `what` names the argument in the error.
template <class Value>
[[nodiscard]] Value value_named(std::string_view what, std::string_view name,
                                std::initializer_list<std::pair<std::string_view, Value>> values) {
  std::vector<std::string_view> expected;
  for (const auto& [known, value] : values) {
    if (known == name) return value;
    expected.push_back(known);
  }
  refuse_name(what, name, expected);
}

}  // namespace warmstart::python
