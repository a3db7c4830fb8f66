#include "engine/pages.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "io/processors.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::size_t HUGE_PAGE_BYTES = page_block::LARGE_BYTES;
// Bytes per helper thread: the system clears them in milliseconds, which is worth a thread.
constexpr std::size_t TOUCHED_BY_A_THREAD = 16 * mebibyte;
constexpr std::size_t MAX_TOUCHING_THREADS = 8;

void touch_pages(std::span<std::byte> bytes) noexcept {
  const auto page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  for (std::size_t at = 0; at < bytes.size(); at += page_bytes) {
    static_cast<volatile std::byte&>(bytes[at]) = std::byte{0};
  }
}

// Returns null if memory is exhausted.
void* map(std::size_t size_bytes) {
  void* data =
      mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return data == MAP_FAILED ? nullptr : data;
}

// Trims a mapping that is one huge page too long to `size_bytes` starting at a huge page boundary,
// and unmaps the rest. `size_bytes` need not be a multiple of the page size.
std::byte* trim(std::byte* data, std::size_t size_bytes) {
  const auto page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(data) % HUGE_PAGE_BYTES;
  const std::size_t used = (before + size_bytes + page_bytes - 1) / page_bytes * page_bytes;
  const std::size_t all = (size_bytes + HUGE_PAGE_BYTES + page_bytes - 1) / page_bytes * page_bytes;
  if (before != 0) (void)munmap(data, before);
  if (used != all) (void)munmap(data + used, all - used);
  return data + before;
}

}  // namespace

page_block::page_block(std::size_t size_bytes, bool huge_pages) {
  const bool large = huge_pages && size_bytes >= LARGE_BYTES;
  auto* data = static_cast<std::byte*>(map(large ? size_bytes + HUGE_PAGE_BYTES : size_bytes));
  if (data == nullptr) {
    throw error(error_code::out_of_memory,
                "cannot allocate " + std::to_string(size_bytes) + " bytes of host memory");
  }
  if (large) {
    data = trim(data, size_bytes);
    // Clearing fresh 4 KiB pages costs more than the read that fills them, and a direct read sends
    // one request per page. This is only a hint, so errors are ignored.
    (void)madvise(data, size_bytes, MADV_HUGEPAGE);
  } else if (size_bytes >= LARGE_BYTES) {
    (void)madvise(data, size_bytes, MADV_NOHUGEPAGE);  // if the system uses huge pages by default
  }
  bytes_ = {data, size_bytes};
}

page_block::page_block(page_block&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

page_block& page_block::operator=(page_block&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

page_block::~page_block() {
  if (!bytes_.empty()) give_back(bytes_.data(), bytes_.size());
}

void page_block::touch() noexcept {
  const std::size_t threads = std::min<std::size_t>(
      {bytes_.size() / TOUCHED_BY_A_THREAD, MAX_TOUCHING_THREADS, usable_processors()});
  const std::size_t share =
      bytes_.size() / std::max<std::size_t>(threads, 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
  std::span<std::byte> left = bytes_;
  try {
    std::vector<std::jthread> helping;
    for (std::size_t i = 1; i < threads; ++i) {
      helping.emplace_back(touch_pages, left.first(share));
      left = left.subspan(share);
    }
    touch_pages(left);
  } catch (const std::exception&) {
    touch_pages(left);  // no more threads could be started
  }
}

std::byte* page_block::release() noexcept {
  return std::exchange(bytes_, {}).data();
}

void page_block::give_back(std::byte* data, std::size_t size_bytes) noexcept {
  (void)munmap(data, size_bytes);
}

}  // namespace warmstart::detail
