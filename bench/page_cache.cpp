#include "page_cache.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <vector>

#include "descriptor.hpp"

namespace warmstart::detail {
namespace {

/// Number of pages of a file in the page cache.
std::ptrdiff_t pages_in_cache(const std::string& path, int descriptor) {
  const std::size_t size = size_of_file(path, descriptor);
  if (size == 0) return 0;
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  if (mapped == MAP_FAILED) throw_errno(path, "mmap");
  std::vector<unsigned char> there((size + 4095) / 4096);
  const int asked = ::mincore(mapped, size, there.data());
  ::munmap(mapped, size);
  if (asked != 0) throw_errno(path, "mincore");
  return std::count_if(there.begin(), there.end(), [](unsigned char page) { return page & 1U; });
}

}  // namespace

void drop_from_cache(const std::string& path) {
  const unique_descriptor from = open_or_throw(path, O_RDONLY);
  std::ptrdiff_t left = 0;
  // The call keeps the few pages that are still in another processor's list of new pages.
  for (int tries = 0; tries < 10; ++tries) {
    if (::fsync(from.get()) != 0) throw_errno(path, "fsync");
    ::posix_fadvise(from.get(), 0, 0, POSIX_FADV_DONTNEED);
    left = pages_in_cache(path, from.get());
    if (left == 0) return;
  }
  throw error(error_code::io, fmt::format("{}: {} pages stay in the cache", path, left));
}

void write_into_cache(const std::string& path) {
  const std::string copy = path + ".part";
  const unique_descriptor from = open_or_throw(path, O_RDONLY);
  const unique_descriptor to = open_or_throw(copy, O_WRONLY | O_CREAT | O_TRUNC);
  std::array<std::byte, 4096> page;
  for (ssize_t got = 1; got > 0;) {
    got = ::read(from.get(), page.data(), page.size());
    if (got < 0) throw_errno(path, "read");
    if (::write(to.get(), page.data(), static_cast<std::size_t>(got)) != got) {
      throw_errno(copy, "write");
    }
  }
  if (::fsync(to.get()) != 0) throw_errno(copy, "fsync");
  std::filesystem::rename(copy, path);
}

void bring_into_cache(const std::string& path) {
  drop_from_cache(path);
  const unique_descriptor from = open_or_throw(path, O_RDONLY);
  std::vector<std::byte> block(std::size_t{1} << 20);
  while (::read(from.get(), block.data(), block.size()) > 0) {
  }
}

}  // namespace warmstart::detail
