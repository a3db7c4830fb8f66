#pragma once

#include <sys/resource.h>

#include <cstdint>

namespace warmstart::detail::test {

/// The most memory that this process has had at once, so far. Every test has a process of its own
/// (ctest), so what this grows by is what the test took.
inline std::int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} << 10;
}

}  // namespace warmstart::detail::test
