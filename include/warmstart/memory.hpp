#pragma once

#include <cstddef>
#include <memory>

#include "warmstart/device.hpp"

namespace warmstart {

/// Where variables get their memory from. Implement it to let variables live in a pool or an arena
/// of yours; pass it to the `variable_store`, or to one variable.
///
/// Calls come from one thread at a time per resource. A variable keeps its resource alive.
class memory_resource {
 public:
  memory_resource() = default;
  memory_resource(const memory_resource&) = delete;
  memory_resource& operator=(const memory_resource&) = delete;
  virtual ~memory_resource() = default;

  /// Memory of `size_bytes` > 0 on `where`, aligned to at least 64 bytes. Throws `out_of_memory`
  /// (or `device`); never returns null. Contents are undefined.
  virtual void* allocate(std::size_t size_bytes, const device& where) = 0;
  /// Takes back what `allocate` gave, with the same size and device.
  virtual void deallocate(void* data, std::size_t size_bytes, const device& where) noexcept = 0;
};

/// The default: the host's memory (large blocks ask the kernel for huge pages), and each device's
/// own allocator.
[[nodiscard]] std::shared_ptr<memory_resource> default_memory_resource();

}  // namespace warmstart
