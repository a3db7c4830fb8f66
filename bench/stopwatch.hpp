#pragma once

#include <chrono>

namespace warmstart::detail {

/// Duration of `work()` in seconds.
template <class Work>
double seconds_of(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace warmstart::detail
