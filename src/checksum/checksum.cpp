#include "checksum/checksum.hpp"

#include "checksum/crc32.hpp"
#include "checksum/crc32c.hpp"

namespace warmstart::detail {
namespace {

constexpr checksum_arithmetic CRC32C = {"crc32c", crc32c_remainder, crc32c_advance, crc32c_finish};
constexpr checksum_arithmetic CRC32 = {"crc32", crc32_remainder, crc32_advance, crc32_finish};

}  // namespace

const checksum_arithmetic& arithmetic_of(checksum_kind kind) noexcept {
  return kind == checksum_kind::crc32 ? CRC32 : CRC32C;
}

}  // namespace warmstart::detail
