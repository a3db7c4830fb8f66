#pragma once

#include <cuda_runtime_api.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "cuda/handles.hpp"

namespace warmstart::detail {

/// The library's state of a CUDA device, shared by all engines: a memory pool, so that the
/// process's default pool is left unchanged, and a thread whose current device it is. That thread
/// executes what the caller's threads need on the device, so that those keep their current device
/// and create no context.
class cuda_device {
 public:
  /// The instance for device `index`, created on first use and destroyed with its last owner.
  /// Throws `device`.
  [[nodiscard]] static std::shared_ptr<cuda_device> of(int index);

  explicit cuda_device(int index);
  cuda_device(const cuda_device&) = delete;
  cuda_device& operator=(const cuda_device&) = delete;
  ~cuda_device();

  /// Runs `work` on the device's thread, waits for it and rethrows its exception. Thread safe.
  void run(const std::function<void()>& work);

  /// Returns memory that any stream may use at once. Throws `out_of_memory` or `device`. Thread
  /// safe.
  [[nodiscard]] void* allocate(std::size_t size_bytes);
  /// Queues the deallocation on the device's thread and does not wait. All work on the memory must
  /// be complete. Thread safe.
  void deallocate(void* data) noexcept;
  /// The pool that `allocate` uses, to grant peers access to it; null if the device has no pools.
  [[nodiscard]] cudaMemPool_t pool() const noexcept { return pool_; }

 private:
  void loop();
  void create();
  void destroy() noexcept;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
  bool closing_ = false;
  // Used only by the thread:
  cudaMemPool_t pool_ = nullptr;
  cuda_stream stream_;  ///< orders allocations
  std::thread thread_;
};

}  // namespace warmstart::detail
