#include "engine/stream_copy.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace warmstart::detail {
namespace {

constexpr std::size_t LINE_BYTES = 64;
// For fewer bytes, the fence after non-temporal stores costs more than they save.
constexpr std::size_t MIN_STREAMED_BYTES = 4096;

#if defined(__SSE2__)
// Copies whole cache lines to a line boundary.
void stream_lines(std::byte* to, const std::byte* from, std::size_t lines) noexcept {
  constexpr std::size_t VECTORS = LINE_BYTES / sizeof(__m128i);
  for (; lines > 0; --lines, to += LINE_BYTES, from += LINE_BYTES) {
    __m128i line[VECTORS];
    std::memcpy(line, from, LINE_BYTES);
    for (std::size_t i = 0; i < VECTORS; ++i) {
      _mm_stream_si128(reinterpret_cast<__m128i*>(to) + i, line[i]);
    }
  }
  _mm_sfence();
}
#else
void stream_lines(std::byte* to, const std::byte* from, std::size_t lines) noexcept {
  std::memcpy(to, from, lines * LINE_BYTES);
}
#endif

}  // namespace

void stream_copy(std::span<std::byte> to, std::span<const std::byte> from) noexcept {
  if (to.size() < MIN_STREAMED_BYTES) {
    std::copy(from.begin(), from.end(), to.begin());
    return;
  }
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(to.data()) % LINE_BYTES;
  const std::size_t lines = (to.size() - before) / LINE_BYTES;
  const std::size_t end = before + lines * LINE_BYTES;
  std::memcpy(to.data(), from.data(), before);
  stream_lines(to.data() + before, from.data() + before, lines);
  std::memcpy(to.data() + end, from.data() + end, to.size() - end);
}

}  // namespace warmstart::detail
