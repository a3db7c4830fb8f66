#include "io/file_mapping.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace warmstart::detail {

std::unique_ptr<file_mapping> file_mapping::make(int descriptor, std::int64_t size_bytes,
                                                 std::size_t page_bytes) noexcept {
  if (size_bytes <= 0) return nullptr;
  const auto size = static_cast<std::size_t>(size_bytes);
  const std::size_t whole = (size + page_bytes - 1) / page_bytes * page_bytes;
  void* const data = ::mmap(nullptr, whole, PROT_READ, MAP_SHARED, descriptor, 0);
  if (data == MAP_FAILED) return nullptr;
  std::unique_ptr<file_mapping> made(new (std::nothrow) file_mapping(
      {static_cast<const std::byte*>(data), whole}, size, page_bytes));
  if (!made) {
    (void)::munmap(data, whole);
  } else if (!*made->guard_) {
    made.reset();
  }
  return made;
}

bool file_mapping::read(std::int64_t offset_bytes, std::int64_t size_bytes,
                        const std::function<void(std::span<const std::byte>)>& use) const {
  const auto all = static_cast<std::int64_t>(bytes_.size());
  if (offset_bytes > all || size_bytes > all - offset_bytes || guard_->hit()) return false;
  {
    const sigbus_guard::access allowed(*guard_);
    use(bytes_.subspan(static_cast<std::size_t>(offset_bytes),
                       static_cast<std::size_t>(size_bytes)));
  }
  return !guard_->hit();
}

void file_mapping::release(std::int64_t offset_bytes, std::int64_t size_bytes) const noexcept {
  const auto offset = static_cast<std::size_t>(offset_bytes);
  const std::size_t begin = (offset + page_bytes_ - 1) / page_bytes_ * page_bytes_;
  const std::size_t end =
      (offset + static_cast<std::size_t>(size_bytes)) / page_bytes_ * page_bytes_;
  if (begin >= end) return;
  (void)::madvise(const_cast<std::byte*>(pages_.data()) + begin, end - begin, MADV_DONTNEED);
}

file_mapping::~file_mapping() {
  guard_.reset();
  (void)::munmap(const_cast<std::byte*>(pages_.data()), pages_.size());
}

}  // namespace warmstart::detail
