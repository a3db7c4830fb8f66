#pragma once

#include <cstddef>
#include <memory>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"

namespace warmstart {

/// Where variables get their memory from. Implement it to let variables live in a pool or an arena
/// of yours; pass it to the `variable_store`, or to one variable.
///
/// `allocate` is called on a thread of the engine that runs the load, one variable after another,
/// in the order of the store; loads on several engines may call it at the same time. `deallocate`
/// is called on whichever thread drops the last handle to a variable (the consumer of an exported
/// tensor, for instance), also while `allocate` runs: a resource is thread safe. Neither may rely
/// on the current CUDA device of its thread. When `deallocate` is called, all of the library's work
/// on the memory is done, and the program's has to be. A variable keeps its resource alive.
class WARMSTART_EXPORT memory_resource {
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

struct default_memory_options {
  /// Variables of 2 MiB and more in the host's memory ask the system for huge pages. Without them
  /// fresh memory is usually slower to fill; on virtual machines that hand free memory back to
  /// their host, however, a huge page can take milliseconds.
  bool huge_pages = true;
};

/// The default: the host's memory, and of each device a pool of the library's own, where variables
/// of up to 256 KiB share blocks of up to 32 MiB.
[[nodiscard]] WARMSTART_EXPORT std::shared_ptr<memory_resource> default_memory_resource(
    const default_memory_options& options = {});

}  // namespace warmstart
