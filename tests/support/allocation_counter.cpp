#include "support/allocation_counter.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#if defined(__has_feature)
#define WARMSTART_HAS_FEATURE(name) __has_feature(name)
#else
#define WARMSTART_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    WARMSTART_HAS_FEATURE(address_sanitizer) || WARMSTART_HAS_FEATURE(thread_sanitizer)
#define WARMSTART_SANITIZED 1
// g++ does not ship sanitizer/allocator_interface.h.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*,
                                                                             std::size_t),
                                                         void (*free_hook)(const volatile void*));
#else
#define WARMSTART_SANITIZED 0
#endif

namespace warmstart::detail::test {
namespace {

std::atomic<std::int64_t> counted_bytes = 0;

void count_allocation(std::size_t size) noexcept {
  counted_bytes.fetch_add(static_cast<std::int64_t>(size), std::memory_order_relaxed);
}

#if WARMSTART_SANITIZED
// A sanitizer checks what its own operator new gives out, and tells of it.
const int hooks_installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t size) { count_allocation(size); },
    [](const volatile void*) {});
#else
void* allocate(std::size_t size, std::size_t alignment) {
  count_allocation(size);
  if (size == 0) size = 1;
  void* const made = alignment <= alignof(std::max_align_t)
                         ? std::malloc(size)
                         : std::aligned_alloc(alignment, (size + alignment - 1) & ~(alignment - 1));
  if (made == nullptr) throw std::bad_alloc();
  return made;
}
#endif

}  // namespace

std::int64_t allocated_bytes() noexcept {
  return counted_bytes.load();
}

}  // namespace warmstart::detail::test

#if !WARMSTART_SANITIZED
// The others call these.
void* operator new(std::size_t size) {
  return warmstart::detail::test::allocate(size, 1);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return warmstart::detail::test::allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
#endif
