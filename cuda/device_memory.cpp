#include "cuda/device_memory.hpp"

#include <cuda_runtime_api.h>

#include <map>
#include <utility>

#include "cuda/cuda_check.hpp"
#include "cuda/device_guard.hpp"
#include "cuda/handles.hpp"
#include "engine/pages.hpp"
#include "warmstart/error.hpp"
#include "warmstart/memory.hpp"

namespace warmstart {
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

/// Huge pages that the device learns of: the driver pins them twenty times as fast as it allocates
/// small ones.
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

/// Memory of variables: from the device's pool, where it has one.
class device_memory_resource final : public memory_resource {
 public:
  void* allocate(std::size_t size_bytes, const device& where) override {
    const device_guard here(where.index());
    void* data = nullptr;
    if (!has_memory_pool(where.index())) {
      WARMSTART_CUDA_CHECK(cudaMalloc(&data, size_bytes));
      return data;
    }
    cuda_stream& stream = streams_[where.index()];
    if (!stream) stream = make_stream();
    WARMSTART_CUDA_CHECK(cudaMallocAsync(&data, size_bytes, stream.get()));
    // Other streams use it: the allocation has to be more than queued.
    if (const cudaError_t failed = cudaStreamSynchronize(stream.get()); failed != cudaSuccess) {
      cuda_ignore(cudaFree(data));
      cuda_check(failed, "cudaStreamSynchronize(stream)");
    }
    return data;
  }

  // The caller's kernels may still use it, in streams that are not known here; as cudaFree does of
  // its own memory, this waits for them.
  void deallocate(void* data, std::size_t /*size_bytes*/, const device& where) noexcept override {
    try {
      const device_guard here(where.index());
      cuda_ignore(cudaDeviceSynchronize());
      cuda_ignore(cudaFree(data));
    } catch (const error&) {
      // The device is lost, and its memory with it.
    }
  }

 private:
  std::map<int, cuda_stream> streams_;
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
      // Not every system lets a program's own pages be pinned; the driver's may still be had.
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

std::shared_ptr<memory_resource> make_cuda_memory_resource() {
  int count = 0;
  WARMSTART_CUDA_CHECK(cudaGetDeviceCount(&count));
  return std::make_shared<device_memory_resource>();
}

}  // namespace warmstart
