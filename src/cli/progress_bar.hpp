#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

#include "cli/commands.hpp"
#include "warmstart/run.hpp"

namespace warmstart::detail::cli {

/// The progress line of a load, in at most `width` columns:
/// `[#####     ]  50%  1.0 GiB of 2.0 GiB  1 s left  1.20 GB/s`. If it is too long, leaves out the
/// rate first and the percentage last.
[[nodiscard]] std::string progress_line(const load_progress& now, double seconds,
                                        std::size_t width);

/// Shows the progress of a load. On a terminal, rewrites one line that fits the current width.
/// Elsewhere, prints a line for each 10 %. `automatic`: only on a terminal. Ignores failed writes.
class progress_bar {
 public:
  progress_bar(std::FILE* out, when show);
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;
  ~progress_bar();

  [[nodiscard]] bool shown() const noexcept { return shown_; }
  void show(const load_progress& now);

 private:
  void write(const std::string& text);

  std::FILE* out_;
  bool terminal_;
  bool shown_;
  bool line_is_open_ = false;
  int next_tenth_ = 1;  ///< the next tenth to print, if not on a terminal
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace warmstart::detail::cli
