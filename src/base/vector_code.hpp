#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace warmstart::detail {

// ISA-L's AVX code leaves the upper halves of vector registers dirty. Baseline x86-64 code (SSE2)
// then runs several times slower on that thread until they are cleared.
#if defined(__x86_64__)
__attribute__((target("avx"))) inline void clear_upper_halves() noexcept {
  _mm256_zeroupper();
}
inline void leave_vector_code() noexcept {
  if (__builtin_cpu_supports("avx")) clear_upper_halves();
}
#else
inline void leave_vector_code() noexcept {}
#endif

}  // namespace warmstart::detail
