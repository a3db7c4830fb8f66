#include "core/crc32c.hpp"

#include <isa-l/crc.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <array>

#include "core/units.hpp"

namespace warmstart {
namespace {

// x^(8 * 2^i): what advancing over 2^i zero bytes multiplies by.
constexpr std::array<std::uint32_t, 63> byte_powers() {
  std::array<std::uint32_t, 63> powers{};
  powers[0] = crc32c_byte_power;
  for (std::size_t i = 1; i < powers.size(); ++i)
    powers[i] = crc32c_multiply(powers[i - 1], powers[i - 1]);
  return powers;
}

constexpr auto BYTE_POWERS = byte_powers();
constexpr std::uint32_t ONE = 0x80000000;

std::uint32_t power_of_bytes(std::int64_t zero_bytes) noexcept {
  std::uint32_t factor = ONE;
  for (std::size_t i = 0; zero_bytes != 0; ++i, zero_bytes >>= 1) {
    if ((zero_bytes & 1) != 0)
      factor = factor == ONE ? BYTE_POWERS[i] : crc32c_multiply(factor, BYTE_POWERS[i]);
  }
  return factor;
}

// ISA-L's code for AVX leaves the upper halves of vector registers in use. Code for any x86-64, as
// compilers make it, runs several times slower on that thread until they are cleared.
#if defined(__x86_64__)
__attribute__((target("avx"))) void clear_upper_halves() noexcept {
  _mm256_zeroupper();
}
void leave_vector_code() noexcept {
  if (__builtin_cpu_supports("avx")) clear_upper_halves();
}
#else
void leave_vector_code() noexcept {}
#endif

// The bare register; ISA-L counts bytes in an int and takes a pointer to what it does not change.
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

crc32c_shift::crc32c_shift(std::int64_t zero_bytes) noexcept
    : factor_(power_of_bytes(zero_bytes)) {}

std::uint32_t crc32c_shift::operator()(std::uint32_t remainder) const noexcept {
  return remainder == 0 || factor_ == ONE ? remainder : crc32c_multiply(factor_, remainder);
}

std::uint32_t crc32c_finish(std::uint32_t remainder, std::int64_t size_bytes) noexcept {
  return ~(remainder ^ crc32c_advance(0xFFFFFFFF, size_bytes));
}

std::uint32_t crc32c_concatenate(std::uint32_t first, std::uint32_t second,
                                 std::int64_t second_size_bytes) noexcept {
  // The final xor and the initial value of the second message cancel.
  return crc32c_advance(first, second_size_bytes) ^ second;
}

}  // namespace warmstart
