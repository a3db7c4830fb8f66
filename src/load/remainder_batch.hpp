#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "engine/load_engine.hpp"

namespace warmstart::detail {

/// Computes partial CRCs on all devices at once: add all requests, run, then read the answers.
class remainder_batch {
 public:
  /// Returns the index of the answer.
  std::size_t add(backend& on, const std::byte* data, std::int64_t run_bytes,
                  std::vector<box_dimension> dimensions, std::int64_t following_bytes);
  /// Call once, after all `add`. Throws `device`.
  void run(load_engine& engine);
  /// An answer, after `run`.
  std::uint32_t operator[](std::size_t number) const { return answers_[number]; }

 private:
  struct device_batch {
    std::vector<remainder_command> commands;
    std::vector<std::size_t> numbers;
    std::vector<std::uint32_t> answers;
  };
  std::deque<std::vector<box_dimension>> dimensions_;
  std::map<backend*, device_batch> batches_;
  std::vector<std::uint32_t> answers_;
};

}  // namespace warmstart::detail
