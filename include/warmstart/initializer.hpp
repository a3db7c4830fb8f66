#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "warmstart/export.hpp"

namespace warmstart {

/// Fills a variable to which no checkpoint is assigned. Create one with the functions below.
///
/// Random initializers are counter based: an element's value depends only on the seed and on its
/// row-major index in the full variable. The bits do not depend on device or partitioning. If no
/// seed is given, it is derived from the variable's name. Random initializers support
/// floating-point variables; `uniform` also supports integers, in [minval, maxval).
struct initializer {
  enum class kind : std::uint8_t {
    zeros,
    ones,
    constant,
    uniform,
    normal,
    truncated_normal,
    glorot_uniform,
    glorot_normal,
    uninitialized,
  };

  kind type = kind::zeros;
  double a = 0;  ///< constant: the value; uniform: minval; normal: mean
  double b = 0;  ///< uniform: maxval; normal: standard deviation
  std::optional<std::uint64_t> seed = {};

  friend bool operator==(const initializer&, const initializer&) = default;
};

[[nodiscard]] WARMSTART_EXPORT std::string_view name_of(initializer::kind type) noexcept;

/// Leaves memory as it is, for variables that the program fills itself. Contents of newly allocated
/// memory are undefined.
[[nodiscard]] WARMSTART_EXPORT initializer uninitialized();
[[nodiscard]] WARMSTART_EXPORT initializer zeros();
[[nodiscard]] WARMSTART_EXPORT initializer ones();
[[nodiscard]] WARMSTART_EXPORT initializer constant(double value);
[[nodiscard]] WARMSTART_EXPORT initializer uniform(double minval = -0.05, double maxval = 0.05,
                                                   std::optional<std::uint64_t> seed = {});
[[nodiscard]] WARMSTART_EXPORT initializer normal(double mean = 0, double stddev = 0.05,
                                                  std::optional<std::uint64_t> seed = {});
/// Normal; values outside two standard deviations are redrawn.
[[nodiscard]] WARMSTART_EXPORT initializer truncated_normal(double mean = 0, double stddev = 0.05,
                                                            std::optional<std::uint64_t> seed = {});
/// Uniform in [-limit, limit), limit = sqrt(6 / (fan_in + fan_out)); fan_in and fan_out as in
/// TensorFlow.
[[nodiscard]] WARMSTART_EXPORT initializer glorot_uniform(std::optional<std::uint64_t> seed = {});
/// Truncated normal with variance 2 / (fan_in + fan_out) after truncation.
[[nodiscard]] WARMSTART_EXPORT initializer glorot_normal(std::optional<std::uint64_t> seed = {});

}  // namespace warmstart
