#include "formats/file_checksums.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "core/crc32.hpp"
#include "core/crc32c.hpp"
#include "core/units.hpp"

namespace warmstart {
namespace {

// `crc`: takes a block, and the checksum of what is before it.
template <class Checksum>
std::uint32_t checksum_of(const file& from, const file_range& where, Checksum crc) {
  constexpr std::int64_t SUMMED_BLOCK_BYTES = 4 * mebibyte;
  std::vector<std::byte> block;
  std::uint32_t sum = 0;
  for (std::int64_t at = where.begin; at < where.end; at += std::ssize(block)) {
    block.resize(static_cast<std::size_t>(std::min(SUMMED_BLOCK_BYTES, where.end - at)));
    from.read(at, block);
    sum = crc(std::span<const std::byte>(block), sum);
  }
  return sum;
}

}  // namespace

std::uint32_t crc32_of(const file& from, const file_range& where) {
  return checksum_of(from, where, crc32);
}

std::uint32_t crc32c_of(const file& from, const file_range& where) {
  return checksum_of(from, where, crc32c);
}

}  // namespace warmstart
