#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "warmstart/checkpoint.hpp"
#include "warmstart/export.hpp"
#include "warmstart/slice.hpp"
#include "warmstart/testing/check_result.hpp"
#include "warmstart/testing/resident.hpp"
#include "warmstart/variable.hpp"

namespace warmstart::testkit {

/// Result of comparing memory with a tensor. The check passes if shape, dtype and every bit are
/// equal: NaNs are compared by their bits, and 0 differs from -0.
struct tensor_comparison : check_result {
  std::int64_t elements = 0;                ///< compared elements; 0 if shape or dtype differ
  std::int64_t differing = 0;               ///< number of elements that differ
  std::optional<element_place> first = {};  ///< the first element that differs
  std::string found = {};  ///< value of that element and its bits: `1.5 (0x3fc00000)`
  std::string expected = {};
};

/// Compares memory with a tensor of a checkpoint, or with a slice of it that has the shape of the
/// memory. Reads memory back in steps of 1 MiB, and the tensor as a whole.
///
///     auto trained = checkpoint::open("/data/model.ckpt");
///     EXPECT_TRUE(assertion(matches_tensor(resident(kernel), trained, "dense/kernel")));
///
/// Blocks. Throws the errors described at `resident_tensor`, and those of `checkpoint::read`:
/// `not_found`, `mismatch` (the slice does not fit the tensor), `corrupt`, `io`.
[[nodiscard]] WARMSTART_EXPORT tensor_comparison matches_tensor(const resident_tensor& memory,
                                                                const checkpoint& checkpoint,
                                                                std::string_view tensor);
[[nodiscard]] WARMSTART_EXPORT tensor_comparison matches_tensor(const resident_tensor& memory,
                                                                const checkpoint& checkpoint,
                                                                std::string_view tensor,
                                                                const slice& slice);

/// Compares every replica of every part of a variable with the slice of the tensor at the part's
/// position in the variable. Reads the tensor once and holds it in host memory during the
/// comparison. Throws `invalid_argument` if no memory has been allocated.
[[nodiscard]] WARMSTART_EXPORT tensor_comparison matches_tensor(const variable& v,
                                                                const checkpoint& checkpoint,
                                                                std::string_view tensor);
[[nodiscard]] WARMSTART_EXPORT tensor_comparison matches_tensor(const variable& v,
                                                                const checkpoint& checkpoint,
                                                                std::string_view tensor,
                                                                const slice& slice);

}  // namespace warmstart::testkit
