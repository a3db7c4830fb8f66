#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "contest.hpp"

namespace warmstart::detail {

/// Measures many calls that each read a few bytes: the time per call, and the bytes that it reads.
class small_reads {
 public:
  explicit small_reads(std::int64_t calls) : calls_(calls) {}

  /// `call(i)` makes the i-th call. `most_bytes` is the target for the bytes that a call reads; 0
  /// if none.
  void add(std::string name, double most_bytes, std::function<void(std::int64_t)> call);

  void measure(int rounds);
  /// Prints a line of JSON for the time of a call, and one for the bytes that it reads.
  void print_lines(const std::string& load) const;

 private:
  struct kind {
    std::string name;
    double most_bytes = 0;
    std::vector<double> bytes_read = {};  ///< per call, in each round
  };

  std::int64_t calls_;
  std::vector<contestant> timed_;
  std::vector<std::shared_ptr<kind>> kinds_;
};

}  // namespace warmstart::detail
