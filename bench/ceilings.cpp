#include "ceilings.hpp"

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "checksum/crc32c.hpp"
#include "descriptor.hpp"
#include "in_pieces.hpp"

namespace warmstart::detail {
namespace {

constexpr std::size_t PIECE_BYTES = std::size_t{1} << 20;
constexpr std::size_t CHECKED_PIECE_BYTES = std::size_t{256} << 10;
constexpr std::size_t PAGE_BYTES = 4096;

std::size_t whole_pages(std::size_t size) {
  return (size + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

std::size_t piece_bytes(plain_reads how) {
  switch (how) {
    case plain_reads::fresh:
      return std::size_t{8} << 20;
    case plain_reads::checked:
      return CHECKED_PIECE_BYTES;
    default:
      return PIECE_BYTES;
  }
}

void read_piece(int descriptor, std::span<std::byte> wanted, std::size_t at, std::size_t size) {
  if (::pread(descriptor, wanted.data(), wanted.size(), static_cast<off_t>(at)) !=
      static_cast<ssize_t>(size)) {
    std::perror("pread");
    std::abort();
  }
}

}  // namespace

void read_plainly(const std::string& path, plain_reads how, std::size_t threads,
                  std::span<std::byte> memory, std::size_t begin) {
  const bool direct = how == plain_reads::direct;
  const bool checked = how == plain_reads::checked;
  const unique_descriptor from = open_or_throw(path, O_RDONLY | (direct ? O_DIRECT : 0));
  std::atomic<std::uint32_t> sum = 0;
  in_pieces(size_of_file(path, from.get()) - begin, piece_bytes(how), threads,
            [&](std::size_t at, std::size_t size) {
              const auto wanted = memory.subspan(at, direct ? whole_pages(size) : size);
              read_piece(from.get(), wanted, begin + at, size);
              if (checked) sum ^= crc32c(wanted);
            });
}

void checksum_file(const std::string& path, std::size_t threads, std::size_t begin) {
  const unique_descriptor from = open_or_throw(path, O_RDONLY);
  std::atomic<std::uint32_t> sum = 0;
  in_pieces(size_of_file(path, from.get()) - begin, CHECKED_PIECE_BYTES, threads,
            [&](std::size_t at, std::size_t size) {
              thread_local std::vector<std::byte> buffer(CHECKED_PIECE_BYTES);
              const auto piece = std::span(buffer).first(size);
              read_piece(from.get(), piece, begin + at, size);
              sum ^= crc32c(piece);
            });
}

void checksum_memory(std::size_t threads, std::span<const std::byte> memory) {
  std::atomic<std::uint32_t> sum = 0;
  in_pieces(memory.size(), PIECE_BYTES, threads,
            [&](std::size_t at, std::size_t size) { sum ^= crc32c(memory.subspan(at, size)); });
}

void copy_mapped(const std::string& path, std::size_t threads, std::span<std::byte> memory) {
  const unique_descriptor from = open_or_throw(path, O_RDONLY);
  const std::size_t all = size_of_file(path, from.get());
  void* const mapped = ::mmap(nullptr, all, PROT_READ, MAP_SHARED, from.get(), 0);
  if (mapped == MAP_FAILED) throw_errno(path, "mmap");
  in_pieces(all, PIECE_BYTES, threads, [&](std::size_t at, std::size_t size) {
    std::memcpy(memory.data() + at, static_cast<const std::byte*>(mapped) + at, size);
  });
  ::munmap(mapped, all);
}

void copy_memory(std::size_t threads, std::span<std::byte> memory) {
  const std::size_t half = memory.size() / 2;
  in_pieces(half, PIECE_BYTES, threads, [&](std::size_t at, std::size_t size) {
    std::memcpy(memory.data() + half + at, memory.data() + at, size);
  });
}

}  // namespace warmstart::detail
