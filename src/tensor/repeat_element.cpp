#include "tensor/repeat_element.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace warmstart::detail {
namespace {

constexpr std::size_t REPEATED_LINE_BYTES = 64;
constexpr std::size_t MAX_ELEMENT_BYTES = 16;
// Shorter blocks are copied element by element.
constexpr std::size_t MIN_LINES_BYTES = 256;
// Larger blocks would evict everything else from the cache.
constexpr std::size_t MAX_CACHED_BYTES = std::size_t{256} << 10;

template <std::size_t SIZE>
void repeat_short(std::byte* to, std::size_t size_bytes, const std::byte* element) noexcept {
  // A local copy stays in a register, although `to` could alias the element.
  std::array<std::byte, SIZE> copy;
  std::memcpy(copy.data(), element, SIZE);
  for (std::size_t at = 0; at < size_bytes; at += SIZE) std::memcpy(to + at, copy.data(), SIZE);
}

void repeat_short(std::span<std::byte> to, std::span<const std::byte> element) noexcept {
  switch (element.size()) {
    case 1:
      return repeat_short<1>(to.data(), to.size(), element.data());
    case 2:
      return repeat_short<2>(to.data(), to.size(), element.data());
    case 4:
      return repeat_short<4>(to.data(), to.size(), element.data());
    case 8:
      return repeat_short<8>(to.data(), to.size(), element.data());
    default:
      return repeat_short<16>(to.data(), to.size(), element.data());
  }
}

#if defined(__SSE2__)
void stream_line(std::byte* to, std::size_t count, const std::byte* line) noexcept {
  constexpr std::size_t VECTORS = REPEATED_LINE_BYTES / sizeof(__m128i);
  __m128i vectors[VECTORS];
  std::memcpy(vectors, line, REPEATED_LINE_BYTES);
  for (; count > 0; --count, to += REPEATED_LINE_BYTES) {
    for (std::size_t i = 0; i < VECTORS; ++i) {
      _mm_stream_si128(reinterpret_cast<__m128i*>(to) + i, vectors[i]);
    }
  }
  _mm_sfence();
}
#endif

// Writes whole cache lines to a line boundary.
void repeat_line(std::byte* to, std::size_t count, const std::byte* line) noexcept {
#if defined(__SSE2__)
  if (count * REPEATED_LINE_BYTES > MAX_CACHED_BYTES) return stream_line(to, count, line);
#endif
  std::array<std::byte, REPEATED_LINE_BYTES> copy;
  std::memcpy(copy.data(), line, copy.size());
  for (; count > 0; --count, to += REPEATED_LINE_BYTES) std::memcpy(to, copy.data(), copy.size());
}

}  // namespace

void repeat_element(std::span<std::byte> to, std::span<const std::byte> element) noexcept {
  if (to.size() < MIN_LINES_BYTES) return repeat_short(to, element);
  if (std::all_of(element.begin(), element.end(), [&](auto byte) { return byte == element[0]; })) {
    std::memset(to.data(), std::to_integer<int>(element[0]), to.size());
    return;
  }
  std::array<std::byte, REPEATED_LINE_BYTES + MAX_ELEMENT_BYTES> repeated;
  repeat_short(std::span(repeated), element);
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(to.data()) % REPEATED_LINE_BYTES;
  const std::size_t lines = (to.size() - before) / REPEATED_LINE_BYTES;
  const std::size_t end = before + lines * REPEATED_LINE_BYTES;
  // Every line starts at this offset within an element.
  const std::byte* const line = repeated.data() + before % element.size();
  std::memcpy(to.data(), repeated.data(), before);
  repeat_line(to.data() + before, lines, line);
  std::memcpy(to.data() + end, line, to.size() - end);
}

}  // namespace warmstart::detail
