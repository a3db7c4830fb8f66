#pragma once

#include <sys/resource.h>

#include <cstdint>

namespace warmstart::detail::test {

/// The peak memory of this process so far. Every test runs in its own process
/// (ctest), so the growth is what the test used.
inline std::int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} << 10;
}

}  // namespace warmstart::detail::test
