#include "io/page_cache.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

namespace warmstart::detail {
namespace {

constexpr std::size_t SAMPLES = 256;

// For other files mincore reports every page as resident.
bool tells_pages(int descriptor) noexcept {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return false;
  const uid_t user = ::geteuid();
  return user == 0 || user == status.st_uid ||
         ::faccessat(descriptor, "", W_OK, AT_EACCESS | AT_EMPTY_PATH) == 0;
}

}  // namespace

std::optional<double> cached_share(int descriptor, std::int64_t size_bytes) noexcept {
  if (!tells_pages(descriptor)) return std::nullopt;
  if (size_bytes <= 0) return 1;
  const auto size = static_cast<std::size_t>(size_bytes);
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  if (mapped == MAP_FAILED) return std::nullopt;
  const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t pages = (size - 1) / page_bytes + 1;
  const std::size_t samples = std::min(pages, SAMPLES);
  std::size_t cached = 0;
  for (std::size_t i = 0; i < samples; ++i) {
    const std::size_t page = i * pages / samples;  // evenly distributed over the file
    unsigned char there = 1;
    const int asked =
        ::mincore(static_cast<std::byte*>(mapped) + page * page_bytes, page_bytes, &there);
    cached += asked != 0 || (there & 1U) != 0 ? 1 : 0;
  }
  ::munmap(mapped, size);
  return static_cast<double>(cached) / static_cast<double>(samples);
}

}  // namespace warmstart::detail
