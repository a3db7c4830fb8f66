#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "cli/commands.hpp"
#include "warmstart/run.hpp"

namespace warmstart::cli {

/// The line for a moment of a load: `[#####     ]  50%  1.0 of 2.0 GiB  1.2 GB/s  1 s left`.
[[nodiscard]] std::string progress_line(const load_progress& now, double seconds);

/// Rewrites a line of a terminal, and ends it when it goes. `automatic`: only if it is a terminal.
/// Does not throw when the terminal can not be written to.
class progress_bar {
 public:
  progress_bar(std::FILE* terminal, when show);
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;
  ~progress_bar();

  [[nodiscard]] bool shown() const noexcept { return shown_; }
  void show(const load_progress& now);

 private:
  std::FILE* terminal_;
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace warmstart::cli
