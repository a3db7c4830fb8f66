#include "engine/host_memory.hpp"

#include <new>
#include <string>

#include "engine/pages.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::align_val_t HOST_ALIGNMENT{64};

}  // namespace

void* allocate_on_host(std::size_t size_bytes, bool huge_pages) {
  if (size_bytes >= own_pages_bytes) return page_block(size_bytes, huge_pages).release();
  void* data = ::operator new(size_bytes, HOST_ALIGNMENT, std::nothrow);
  if (data == nullptr) {
    throw error(error_code::out_of_memory,
                "cannot allocate " + std::to_string(size_bytes) + " bytes of host memory");
  }
  return data;
}

void deallocate_on_host(void* data, std::size_t size_bytes) noexcept {
  if (size_bytes >= own_pages_bytes) {
    page_block::give_back(static_cast<std::byte*>(data), size_bytes);
  } else {
    ::operator delete(data, HOST_ALIGNMENT);
  }
}

}  // namespace warmstart::detail
