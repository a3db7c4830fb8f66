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

/// What the library has of a CUDA device, whatever the engine: a memory pool, so that the process's
/// default pool stays as it is, and a thread whose current device it is. What threads of the caller
/// need done on the device, that thread does, so that they keep their current device and create no
/// context.
class cuda_device {
 public:
  /// The one of this process, made on first use and destroyed with its last user. Throws `device`.
  [[nodiscard]] static std::shared_ptr<cuda_device> of(int index);

  explicit cuda_device(int index);
  cuda_device(const cuda_device&) = delete;
  cuda_device& operator=(const cuda_device&) = delete;
  ~cuda_device();

  /// Runs work on the device's thread and waits for it; throws what it throws. Any thread.
  void run(const std::function<void()>& work);

  /// Memory that is there when the call returns, for any stream. Throws `out_of_memory` or
  /// `device`. Any thread.
  [[nodiscard]] void* allocate(std::size_t size_bytes);
  /// Gives it back when the device's thread gets to it; waits for nothing. Nothing may use the
  /// memory any more. Any thread.
  void deallocate(void* data) noexcept;
  /// Where the memory comes from, for peers' access; null if the device has no pools.
  [[nodiscard]] cudaMemPool_t pool() const noexcept { return pool_; }

 private:
  void loop();
  void create();
  void destroy() noexcept;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
  bool closing_ = false;
  // The thread's:
  cudaMemPool_t pool_ = nullptr;
  cuda_stream stream_;  ///< of allocations
  std::thread thread_;
};

}  // namespace warmstart::detail
