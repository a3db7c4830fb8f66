#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <span>

#include "warmstart/error.hpp"

namespace warmstart::detail {

/// Untouched memory, in 4 KiB pages or in huge pages.
class fresh_pages {
 public:
  enum class kind { small, huge };

  fresh_pages(std::size_t size_bytes, kind of) : size_(size_bytes) {
    data_ = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data_ == MAP_FAILED)
      throw error(error_code::out_of_memory, "cannot map memory for the measurement");
    (void)::madvise(data_, size_, of == kind::huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  }
  fresh_pages(const fresh_pages&) = delete;
  fresh_pages& operator=(const fresh_pages&) = delete;
  ~fresh_pages() { (void)::munmap(data_, size_); }

  [[nodiscard]] std::span<std::byte> bytes() const {
    return {static_cast<std::byte*>(data_), size_};
  }

 private:
  std::size_t size_;
  void* data_;
};

}  // namespace warmstart::detail
