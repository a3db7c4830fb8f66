#include "io/file_mapping.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace warmstart {

std::unique_ptr<file_mapping> file_mapping::make(int descriptor, std::int64_t size_bytes) noexcept {
  if (size_bytes <= 0) return nullptr;
  const auto size = static_cast<std::size_t>(size_bytes);
  void* const data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  if (data == MAP_FAILED) return nullptr;
  std::unique_ptr<file_mapping> made(new (std::nothrow)
                                         file_mapping({static_cast<const std::byte*>(data), size}));
  if (!made) {
    (void)::munmap(data, size);
  } else if (!*made->guard_) {
    made.reset();
  }
  return made;
}

void file_mapping::release(std::size_t offset_bytes, std::size_t size_bytes) const noexcept {
  const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t begin = (offset_bytes + page_bytes - 1) / page_bytes * page_bytes;
  const std::size_t end = (offset_bytes + size_bytes) / page_bytes * page_bytes;
  // Not where pages were lost: they would come back as the file's, and be lost once more.
  if (begin >= end || lost()) return;
  (void)::madvise(const_cast<std::byte*>(bytes_.data()) + begin, end - begin, MADV_DONTNEED);
}

file_mapping::~file_mapping() {
  guard_.reset();
  (void)::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace warmstart
