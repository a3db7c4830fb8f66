#include "checksum/crc32.hpp"

#include <isa-l/crc.h>

#include <algorithm>

#include "base/units.hpp"
#include "base/vector_code.hpp"
#include "checksum/crc_arithmetic.hpp"

namespace warmstart::detail {
namespace {

using ieee_shift = crc_shift<0xEDB88320>;

}  // namespace

std::uint32_t crc32(std::span<const std::byte> data, std::uint32_t crc) noexcept {
  while (!data.empty()) {
    const std::size_t size = std::min<std::size_t>(data.size(), gibibyte);
    crc = crc32_gzip_refl(crc, reinterpret_cast<const unsigned char*>(data.data()), size);
    data = data.subspan(size);
  }
  leave_vector_code();
  return crc;
}

std::uint32_t crc32_remainder(std::span<const std::byte> data, std::uint32_t before) noexcept {
  // ISA-L inverts its argument and its result.
  return ~crc32(data, ~before);
}

std::uint32_t crc32_advance(std::uint32_t remainder, std::int64_t zero_bytes) noexcept {
  return ieee_shift(zero_bytes)(remainder);
}

std::uint32_t crc32_finish(std::uint32_t remainder, std::int64_t size_bytes) noexcept {
  return ~(remainder ^ crc32_advance(0xFFFFFFFF, size_bytes));
}

std::uint32_t crc32_of_rest(std::uint32_t first, std::uint32_t both,
                            std::int64_t second_size_bytes) noexcept {
  return crc32_advance(first, second_size_bytes) ^ both;
}

}  // namespace warmstart::detail
