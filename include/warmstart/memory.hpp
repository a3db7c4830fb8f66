#pragma once

#include <cstddef>
#include <memory>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"

namespace warmstart {

/// Allocates the memory of variables. Implement it to use your own pool or arena, and pass it to
/// the `variable_store` or to single variables.
///
/// Implementations must be thread safe. A load calls `allocate` on a thread of its engine, once per
/// variable in the order of the store; loads on several engines may call it concurrently.
/// `deallocate` is called on the thread that drops the last handle to a variable, for example in
/// the consumer of an exported tensor. Neither may rely on the current CUDA device of its thread.
/// When `deallocate` is called, the library's work on the memory is complete; the program's own
/// work must be complete too. A variable keeps its resource alive.
class WARMSTART_EXPORT memory_resource {
 public:
  memory_resource() = default;
  memory_resource(const memory_resource&) = delete;
  memory_resource& operator=(const memory_resource&) = delete;
  virtual ~memory_resource() = default;

  /// Returns `size_bytes` > 0 bytes of uninitialized memory on `device`, aligned to at least 64
  /// bytes. Throws `out_of_memory` or `device`; never returns null.
  virtual void* allocate(std::size_t size_bytes, const device& device) = 0;
  /// Frees memory that `allocate` returned, with the same size and device.
  virtual void deallocate(void* data, std::size_t size_bytes, const device& device) noexcept = 0;
};

struct default_memory_options {
  /// Request huge pages for variables of at least 2 MiB in host memory. They usually make the first
  /// write to memory faster. On virtual machines that return free memory to their host, however,
  /// the first write to a huge page can take milliseconds.
  bool huge_pages = true;
};

/// The default resource: host memory, and on each GPU a memory pool of the library, in which
/// variables of up to 256 KiB share blocks of up to 32 MiB.
[[nodiscard]] WARMSTART_EXPORT std::shared_ptr<memory_resource> default_memory_resource(
    const default_memory_options& options = {});

}  // namespace warmstart
