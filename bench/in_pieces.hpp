#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace warmstart::detail {

/// Calls `work(begin, size)` for every piece of [0, size_bytes) on `threads` threads, each of which
/// takes the next free piece. `work` must not throw.
template <class Work>
void in_pieces(std::size_t size_bytes, std::size_t piece_bytes, std::size_t threads,
               const Work& work) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> running;
  for (std::size_t i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      for (std::size_t at = next.fetch_add(piece_bytes); at < size_bytes;
           at = next.fetch_add(piece_bytes)) {
        work(at, std::min(piece_bytes, size_bytes - at));
      }
    });
  }
}

}  // namespace warmstart::detail
