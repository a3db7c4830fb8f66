#pragma once

#include <cstdint>

namespace warmstart {

/// How an initializer without a checkpoint makes elements: the resolved form, ready for any device.
/// A random value depends only on `seed` and the element's row-major index in the full variable.
struct fill_spec {
  enum class distribution : std::uint8_t {
    constant,          ///< a
    uniform,           ///< [a, b)
    normal,            ///< mean a, standard deviation b
    truncated_normal,  ///< the same, redrawn outside of two standard deviations
  };

  distribution kind = distribution::constant;
  double a = 0;
  double b = 0;
  std::uint64_t seed = 0;

  friend bool operator==(const fill_spec&, const fill_spec&) = default;
};

}  // namespace warmstart
