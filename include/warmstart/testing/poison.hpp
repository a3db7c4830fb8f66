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

// Finds elements that were never written. Memory is filled with a pattern that programs are
// unlikely to write; elements that still hold the pattern were not written:
//
//     auto memory = std::make_shared<poisoning_memory>();
//     variable_store vars{"cuda:0", memory};
//     ...
//     run_initializers(vars);
//     EXPECT_TRUE(assertion(all_written(kernel)));
//
// The pattern repeats 0x7ff4. That is a NaN in float64, float32, float16 and bfloat16 which no
// arithmetic produces, not a bool, 32756 as int16 and 2146729972 as int32.
//
// Limits: an element whose written value equals the pattern counts as not written. This is unlikely
// for elements of two bytes and more, but happens for one in 256 random bytes. An element that was
// partly written counts as written. The pattern must start at the begin of the tensor or an even
// number of bytes before it.

/// Fills memory with the pattern. Blocks. Throws the errors described at `resident_tensor`.
WARMSTART_EXPORT void poison(const resident_tensor& memory);
/// Fills every replica of every part. Does not change `variable::is_initialized`. Throws
/// `invalid_argument` if no memory has been allocated; `poisoning_memory` poisons memory when it is
/// allocated.
WARMSTART_EXPORT void poison(const variable& v);

/// Elements that still hold the pattern. The check passes if there are none.
struct unwritten_elements : check_result {
  std::int64_t elements = 0;   ///< number of elements examined
  std::int64_t unwritten = 0;  ///< number of elements that hold the pattern
  std::optional<element_place> first = {};
};

/// Checks that no element of memory that was filled with the pattern still holds it. Reads memory
/// back in steps of 1 MiB. Blocks. Throws the errors described at `resident_tensor`.
[[nodiscard]] WARMSTART_EXPORT unwritten_elements all_written(const resident_tensor& memory);
/// Checks every replica of every part.
[[nodiscard]] WARMSTART_EXPORT unwritten_elements all_written(const variable& v);

/// Fills the memory that it allocates with the pattern. `warmstart/testing/memory.hpp` has other
/// such resources and shows how to stack them.
class WARMSTART_EXPORT poisoning_memory final : public memory_resource {
 public:
  explicit poisoning_memory(std::shared_ptr<memory_resource> source = default_memory_resource());

  void* allocate(std::size_t size_bytes, const device& device) override;
  void deallocate(void* data, std::size_t size_bytes, const device& device) noexcept override;

 private:
  const std::shared_ptr<memory_resource> source_;
  std::mutex mutex_;
};

}  // namespace warmstart::testkit
