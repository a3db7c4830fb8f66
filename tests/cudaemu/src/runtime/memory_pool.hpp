// Memory pools, as far as a program sees them.
#pragma once

#include <driver_types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

namespace cudaemu {

// cudaMemPool_t points to one of these. Pools have no memory of their own here: what is allocated
// from one comes from its device and goes back at once.
struct memory_pool {
  int device = 0;
  bool is_default = false;
  std::uint64_t size_limit = 0;  // bytes in use at a time; 0: none
  std::atomic<std::uint64_t> used{0}, used_high{0};
  std::atomic<std::uint64_t> release_threshold{0};
  std::array<std::atomic<int>, 4> reuse{1, 1, 1, 1};  // cudaMemPoolReuse...: accepted, no effect
  std::atomic<std::uint64_t> readers{0};         // devices given access by cudaMemPoolSetAccess
  std::atomic<std::uint64_t> access_changes{0};  // calls of cudaMemPoolSetAccess
};

// The pools that the program has created.
class pool_table {
 public:
  memory_pool& create(int device, std::uint64_t size_limit);
  // The object stays, since what was allocated from it may still be in use; its handle is no longer
  // valid.
  void destroy(memory_pool& gone);
  [[nodiscard]] bool is_live(const memory_pool* pool);
  [[nodiscard]] std::vector<memory_pool*> live();

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<memory_pool>> all_;
  std::set<memory_pool*> live_;
};

}  // namespace cudaemu
