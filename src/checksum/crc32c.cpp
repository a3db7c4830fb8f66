#include "checksum/crc32c.hpp"

#include <isa-l/crc.h>

#include <algorithm>

#include "base/units.hpp"
#include "base/vector_code.hpp"

namespace warmstart::detail {
namespace {

// Updates the CRC register. ISA-L takes the size as an int and the data as a non-const pointer,
// although it does not write to it.
std::uint32_t update(std::uint32_t state, std::span<const std::byte> data) noexcept {
  while (!data.empty()) {
    const std::size_t size = std::min<std::size_t>(data.size(), gibibyte);
    auto* bytes = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(data.data()));
    state = crc32_iscsi(bytes, static_cast<int>(size), state);
    data = data.subspan(size);
  }
  leave_vector_code();
  return state;
}

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t crc) noexcept {
  return ~update(~crc, data);
}

std::uint32_t crc32c_remainder(std::span<const std::byte> data, std::uint32_t before) noexcept {
  return update(before, data);
}

std::uint32_t crc32c_advance(std::uint32_t remainder, std::int64_t zero_bytes) noexcept {
  return crc32c_shift(zero_bytes)(remainder);
}

std::uint32_t crc32c_retreat(std::uint32_t remainder, std::int64_t zero_bytes) noexcept {
  // Powers of x repeat after 2^31 - 1 steps (the polynomial is x + 1 times a primitive one).
  constexpr std::int64_t PERIOD = INT32_MAX;
  return crc32c_advance(remainder, PERIOD - zero_bytes % PERIOD);
}

std::uint32_t crc32c_finish(std::uint32_t remainder, std::int64_t size_bytes) noexcept {
  return ~(remainder ^ crc32c_advance(0xFFFFFFFF, size_bytes));
}

std::uint32_t crc32c_concatenate(std::uint32_t first, std::uint32_t second,
                                 std::int64_t second_size_bytes) noexcept {
  // The final xor and the initial value of the second message cancel.
  return crc32c_advance(first, second_size_bytes) ^ second;
}

}  // namespace warmstart::detail
