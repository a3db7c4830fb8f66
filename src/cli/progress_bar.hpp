#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

#include "cli/commands.hpp"
#include "warmstart/run.hpp"

namespace warmstart::detail::cli {

/// The line for a moment of a load, in at most `width` columns:
/// `[#####     ]  50%  1.0 GiB of 2.0 GiB  1 s left  1.20 GB/s`. What does not fit is left out, the
/// rate first, the share last.
[[nodiscard]] std::string progress_line(const load_progress& now, double seconds,
                                        std::size_t width);

/// Shows how far a load is. On a terminal: one line that is rewritten, as wide as the terminal is
/// at that moment. Elsewhere: a new line for each tenth. `automatic`: only on a terminal. Does not
/// throw when the output cannot be written.
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
  int next_tenth_ = 1;  ///< not on a terminal: the next one to be shown
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace warmstart::detail::cli
