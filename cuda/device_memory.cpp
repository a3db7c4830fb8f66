#include "cuda/device_memory.hpp"

#include <cuda_runtime_api.h>

#include <map>
#include <mutex>
#include <utility>

#include "cuda/block_allocator.hpp"
#include "cuda/cuda_check.hpp"
#include "cuda/cuda_device.hpp"
#include "engine/pages.hpp"
#include "warmstart/error.hpp"
#include "warmstart/memory.hpp"

namespace warmstart::detail {
namespace {

using deallocation = cudaError_t (*)(void*);

class cuda_memory final : public staging_memory {
 public:
  cuda_memory(void* data, std::size_t size_bytes, deallocation give_back)
      : bytes_(static_cast<std::byte*>(data), size_bytes), give_back_(give_back) {}
  ~cuda_memory() override { cuda_ignore(give_back_(bytes_.data())); }
  [[nodiscard]] std::span<std::byte> bytes() const noexcept override { return bytes_; }

 private:
  std::span<std::byte> bytes_;
  deallocation give_back_;
};

/// Huge pages, registered with CUDA: the driver pins them twenty times as fast as it allocates
/// pinned memory in small pages.
class pinned_pages final : public staging_memory {
 public:
  explicit pinned_pages(std::size_t size_bytes) : pages_(size_bytes) {
    pages_.touch();
    WARMSTART_CUDA_CHECK(cudaHostRegister(pages_.bytes().data(), size_bytes,
                                          cudaHostRegisterPortable | cudaHostRegisterMapped));
  }
  pinned_pages(const pinned_pages&) = delete;
  pinned_pages& operator=(const pinned_pages&) = delete;
  ~pinned_pages() override { cuda_ignore(cudaHostUnregister(pages_.bytes().data())); }
  [[nodiscard]] std::span<std::byte> bytes() const noexcept override { return pages_.bytes(); }

 private:
  page_block pages_;
};

/// Memory from the library's pool of a device.
class pool_memory final : public staging_memory {
 public:
  pool_memory(std::shared_ptr<cuda_device> from, std::size_t size_bytes)
      : from_(std::move(from)),
        bytes_(static_cast<std::byte*>(from_->allocate(size_bytes)), size_bytes) {}
  pool_memory(const pool_memory&) = delete;
  pool_memory& operator=(const pool_memory&) = delete;
  ~pool_memory() override { from_->deallocate(bytes_.data()); }
  [[nodiscard]] std::span<std::byte> bytes() const noexcept override { return bytes_; }

 private:
  std::shared_ptr<cuda_device> from_;
  std::span<std::byte> bytes_;
};

/// Memory of variables. Deallocation does not wait: the library's work on the memory is complete by
/// then, and the caller's must be.
class device_memory_resource final : public memory_resource {
 public:
  void* allocate(std::size_t size_bytes, const device& device) override {
    return memory_of(device).allocate(size_bytes);
  }
  void deallocate(void* data, std::size_t /*size_bytes*/, const device& device) noexcept override {
    memory_of(device).deallocate(data);
  }

 private:
  block_allocator& memory_of(const device& device) {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<block_allocator>& known = memory_[device.index()];
    if (!known) {
      const std::shared_ptr<cuda_device> from = cuda_device::of(device.index());
      known = std::make_unique<block_allocator>(
          [from](std::size_t size_bytes) { return from->allocate(size_bytes); },
          [from](void* data) { from->deallocate(data); });
    }
    return *known;
  }

  std::mutex mutex_;
  std::map<int, std::unique_ptr<block_allocator>> memory_;
};

}  // namespace

bool has_memory_pool(int index) {
  int supported = 0;
  WARMSTART_CUDA_CHECK(cudaDeviceGetAttribute(&supported, cudaDevAttrMemoryPoolsSupported, index));
  return supported != 0;
}

std::unique_ptr<staging_memory> allocate_pinned(std::size_t size_bytes) {
  if (size_bytes >= page_block::LARGE_BYTES) {
    try {
      return std::make_unique<pinned_pages>(size_bytes);
    } catch (const error&) {
      // Not every system can pin a program's own pages. Fall back to memory that the driver
      // allocates.
    }
  }
  void* data = nullptr;
  WARMSTART_CUDA_CHECK(
      cudaHostAlloc(&data, size_bytes, cudaHostAllocPortable | cudaHostAllocMapped));
  return std::make_unique<cuda_memory>(data, size_bytes, &cudaFreeHost);
}

std::unique_ptr<staging_memory> allocate_on_device(std::size_t size_bytes) {
  void* data = nullptr;
  WARMSTART_CUDA_CHECK(cudaMalloc(&data, size_bytes));
  return std::make_unique<cuda_memory>(data, size_bytes, &cudaFree);
}

std::unique_ptr<staging_memory> allocate_from_pool(int index, std::size_t size_bytes) {
  return std::make_unique<pool_memory>(cuda_device::of(index), size_bytes);
}

std::shared_ptr<memory_resource> make_cuda_memory_resource() {
  int count = 0;
  WARMSTART_CUDA_CHECK(cudaGetDeviceCount(&count));
  return std::make_shared<device_memory_resource>();
}

}  // namespace warmstart::detail
