#include "io/file_mapping.hpp"

#include <sys/mman.h>

namespace warmstart {

std::unique_ptr<file_mapping> file_mapping::make(int descriptor, std::int64_t size_bytes) noexcept {
  if (size_bytes <= 0) return nullptr;
  const auto size = static_cast<std::size_t>(size_bytes);
  void* const data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  if (data == MAP_FAILED) return nullptr;
  std::unique_ptr<file_mapping> made(new file_mapping({static_cast<const std::byte*>(data), size}));
  if (!*made->guard_) return nullptr;
  return made;
}

file_mapping::~file_mapping() {
  guard_.reset();
  (void)::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace warmstart
