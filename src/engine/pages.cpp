#include "engine/pages.hpp"

#include <sys/mman.h>

#include <string>
#include <utility>

#include "core/units.hpp"
#include "warmstart/error.hpp"

namespace warmstart {

page_block::page_block(std::size_t size_bytes) {
  void* data =
      mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) {
    throw error(error_code::out_of_memory,
                "no " + std::to_string(size_bytes) + " bytes of host memory");
  }
  // Fresh 4 KiB pages cost more than the read that fills them. Only a hint: refusal is no error.
  if (size_bytes >= 4 * mebibyte) (void)madvise(data, size_bytes, MADV_HUGEPAGE);
  bytes_ = {static_cast<std::byte*>(data), size_bytes};
}

page_block::page_block(page_block&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

page_block& page_block::operator=(page_block&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

page_block::~page_block() {
  if (!bytes_.empty()) give_back(bytes_.data(), bytes_.size());
}

std::byte* page_block::release() noexcept {
  return std::exchange(bytes_, {}).data();
}

void page_block::give_back(std::byte* data, std::size_t size_bytes) noexcept {
  (void)munmap(data, size_bytes);
}

}  // namespace warmstart
