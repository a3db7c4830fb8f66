#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"
#include "warmstart/memory.hpp"
#include "warmstart/testing/check_result.hpp"
#include "warmstart/testing/resident.hpp"
#include "warmstart/variable.hpp"

namespace warmstart::testkit {

// Which elements has nothing ever written? Memory is filled with a pattern that is unlikely to be
// written, and what still holds it was not:
//
//     auto memory = std::make_shared<poisoning_memory>();
//     variable_store vars{"cuda:0", memory};
//     ...
//     run_initializers(vars);
//     EXPECT_TRUE(assertion(all_written(kernel)));
//
// The pattern is 0x7ff4, over and over: a NaN in float64, float32, float16 and bfloat16 that no
// arithmetic makes, no bool, 32756 in an int16, 2146729972 in an int32.
//
// Limits. An element that was written with this very pattern counts as not written: hardly one of
// two bytes and more, but one in 256 random bytes. One that was written in part counts as written.
// The pattern must begin where the tensor does, or an even number of bytes before.

/// Fills memory with the pattern. Waits until it is there. Throws as `resident_tensor` says.
WARMSTART_EXPORT void poison(const resident_tensor& memory);
/// Of every part, every replica. What is poisoned here still looks initialized. Throws
/// `invalid_argument` while there is no memory; `poisoning_memory` comes before that.
WARMSTART_EXPORT void poison(const variable& v);

/// What is still poison. Passed: nothing is.
struct unwritten_elements : check_result {
  std::int64_t elements = 0;   ///< that were looked at
  std::int64_t unwritten = 0;  ///< of them
  std::optional<element_place> first = {};
};

/// Looks for elements whose bytes are all poison, in memory that was filled with it. Reads it back
/// 1 MiB at a time. Blocks. Throws as `resident_tensor` says.
[[nodiscard]] WARMSTART_EXPORT unwritten_elements all_written(const resident_tensor& memory);
/// In every part, every replica.
[[nodiscard]] WARMSTART_EXPORT unwritten_elements all_written(const variable& v);

/// Fills with the pattern what it gives out. See `warmstart/testing/memory.hpp` for what else there
/// is of its kind, and how they are stacked.
class WARMSTART_EXPORT poisoning_memory final : public memory_resource {
 public:
  explicit poisoning_memory(std::shared_ptr<memory_resource> source = default_memory_resource());

  void* allocate(std::size_t size_bytes, const device& where) override;
  void deallocate(void* data, std::size_t size_bytes, const device& where) noexcept override;

 private:
  const std::shared_ptr<memory_resource> source_;
  std::mutex mutex_;
};

}  // namespace warmstart::testkit
