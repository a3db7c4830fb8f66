// The state that CUDA keeps on a device for this process: a device without one is not in use.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "cudaemu.h"

namespace cudaemu {

class device_arena;

class primary_context {
 public:
  explicit primary_context(device_arena& pays) : memory_(pays) {}
  [[nodiscard]] bool exists() const { return exists_; }
  // Creates it unless it exists, for the named function. Throws api_error if the device's memory
  // does not suffice.
  void need(const char* api);
  // For cudaDeviceReset, and for tests that begin anew.
  void destroy();
  [[nodiscard]] cudaemu_context_info describe() const;

 private:
  device_arena& memory_;
  std::atomic<bool> exists_{false};
  mutable std::mutex mutex_;
  std::size_t charged_ = 0;
  cudaemu_context_info info_{};
};

}  // namespace cudaemu
