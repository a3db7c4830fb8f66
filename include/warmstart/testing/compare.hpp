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

/// What a comparison of memory with a tensor found. Passed: shape, dtype and every bit are the
/// same. NaNs are compared by their bits, too, and 0 is not -0.
struct tensor_comparison : check_result {
  std::int64_t elements = 0;                ///< that were compared; 0 if shape or dtype differ
  std::int64_t differing = 0;               ///< of them
  std::optional<element_place> first = {};  ///< of those that differ
  std::string found = {};                   ///< there, and its bits: `1.5 (0x3fc00000)`
  std::string expected = {};
};

/// Compares memory with a tensor of a checkpoint, or with a slice of one, which it is as long as in
/// each dimension. Memory is read back 1 MiB at a time, the tensor as a whole.
///
///     auto trained = checkpoint::open("/data/model.ckpt");
///     EXPECT_TRUE(assertion(matches_tensor(resident(kernel), trained, "dense/kernel")));
///
/// Blocks. Throws as `resident_tensor` says, and as `checkpoint::read`: `not_found`, `mismatch` (a
/// slice that does not fit the tensor), `corrupt`, `io`.
[[nodiscard]] WARMSTART_EXPORT tensor_comparison matches_tensor(const resident_tensor& memory,
                                                                const checkpoint& in,
                                                                std::string_view tensor);
[[nodiscard]] WARMSTART_EXPORT tensor_comparison matches_tensor(const resident_tensor& memory,
                                                                const checkpoint& in,
                                                                std::string_view tensor,
                                                                const slice& of_tensor);

/// The same for every replica of every part of a variable, a part being compared with what it would
/// be loaded from: where it lies in the variable, it lies in the tensor. What the parts want of the
/// tensor is read at once, and held in memory beside the variable. Throws `invalid_argument` while
/// there is no memory.
[[nodiscard]] WARMSTART_EXPORT tensor_comparison matches_tensor(const variable& v,
                                                                const checkpoint& in,
                                                                std::string_view tensor);
[[nodiscard]] WARMSTART_EXPORT tensor_comparison matches_tensor(const variable& v,
                                                                const checkpoint& in,
                                                                std::string_view tensor,
                                                                const slice& of_tensor);

}  // namespace warmstart::testkit
