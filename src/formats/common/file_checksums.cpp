#include "formats/common/file_checksums.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/units.hpp"
#include "checksum/crc32.hpp"

namespace warmstart::detail {

std::uint32_t crc32_of(const file& from, const file_range& where) {
  constexpr std::int64_t SUMMED_BLOCK_BYTES = 4 * mebibyte;
  std::vector<std::byte> block;
  std::uint32_t sum = 0;
  for (std::int64_t at = where.begin; at < where.end; at += std::ssize(block)) {
    block.resize(static_cast<std::size_t>(std::min(SUMMED_BLOCK_BYTES, where.end - at)));
    from.read(at, block);
    sum = crc32(block, sum);
  }
  return sum;
}

}  // namespace warmstart::detail
