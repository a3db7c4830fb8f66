#include "cuda/cuda_device.hpp"

#include <cstdint>
#include <exception>
#include <map>
#include <new>
#include <utility>

#include "cuda/cuda_check.hpp"
#include "cuda/current_device.hpp"
#include "cuda/device_memory.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

std::shared_ptr<cuda_device> cuda_device::of(int index) {
  static std::mutex mutex;
  static std::map<int, std::weak_ptr<cuda_device>> known;
  const std::lock_guard lock(mutex);
  if (auto made = known[index].lock()) return made;
  auto made = std::make_shared<cuda_device>(index);
  known[index] = made;
  return made;
}

cuda_device::cuda_device(int index) : thread_([this] { loop(); }) {
  try {
    run([&] {
      use_device(index);
      create();
    });
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    changed_.notify_all();
    thread_.join();
    throw;
  }
}

cuda_device::~cuda_device() {
  {
    const std::lock_guard lock(mutex_);
    work_.push_back([this] { destroy(); });
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void cuda_device::create() {
  int index = 0;
  WARMSTART_CUDA_CHECK(cudaGetDevice(&index));
  if (!has_memory_pool(index)) return;
  cudaMemPoolProps wanted{};
  wanted.allocType = cudaMemAllocationTypePinned;
  wanted.location.type = cudaMemLocationTypeDevice;
  wanted.location.id = index;
  stream_ = make_stream();
  WARMSTART_CUDA_CHECK(cudaMemPoolCreate(&pool_, &wanted));
}

void cuda_device::destroy() noexcept {
  if (pool_ == nullptr) return;
  cuda_ignore(cudaStreamSynchronize(stream_.get()));  // wait for queued frees
  cuda_ignore(cudaMemPoolDestroy(pool_));
  stream_ = {};
}

void cuda_device::run(const std::function<void()>& work) {
  if (std::this_thread::get_id() == thread_.get_id()) {
    work();
    return;
  }
  std::exception_ptr failure;
  bool done = false;
  std::unique_lock lock(mutex_);
  work_.push_back([&] {
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
    const std::lock_guard finished(mutex_);
    done = true;
    changed_.notify_all();
  });
  changed_.notify_all();
  changed_.wait(lock, [&] { return done; });
  lock.unlock();
  if (failure) std::rethrow_exception(failure);
}

void cuda_device::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || !work_.empty(); });
    if (work_.empty()) return;
    const std::function<void()> next = std::move(work_.front());
    work_.pop_front();
    lock.unlock();
    next();
    lock.lock();
  }
}

void* cuda_device::allocate(std::size_t size_bytes) {
  void* data = nullptr;
  run([&] {
    if (pool_ == nullptr) {
      WARMSTART_CUDA_CHECK(cudaMalloc(&data, size_bytes));
      return;
    }
    WARMSTART_CUDA_CHECK(cudaMallocFromPoolAsync(&data, size_bytes, pool_, stream_.get()));
    // Other streams will use the memory, so wait until the allocation is complete.
    if (const cudaError_t failed = cudaStreamSynchronize(stream_.get()); failed != cudaSuccess) {
      cuda_ignore(cudaFreeAsync(data, stream_.get()));
      cuda_check(failed, "cudaStreamSynchronize(stream)");
    }
  });
  return data;
}

void cuda_device::deallocate(void* data) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    work_.push_back([this, data] {
      cuda_ignore(pool_ == nullptr ? cudaFree(data) : cudaFreeAsync(data, stream_.get()));
    });
    changed_.notify_all();
  } catch (const std::bad_alloc&) {
    // The request cannot be queued without memory, so the device's memory leaks.
  }
}

}  // namespace warmstart::detail
