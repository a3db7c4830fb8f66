#include "cli/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <string>

#include "cli/output.hpp"

namespace warmstart::cli {

std::string progress_line(const load_progress& now, double seconds) {
  constexpr std::size_t WIDTH = 30;
  const auto done = static_cast<double>(now.bytes_done);
  const auto total = static_cast<double>(now.bytes_total);
  const double share = total > 0 ? done / total : 1;
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(WIDTH));
  const double rate = seconds > 0 ? done / seconds : 0;
  std::string line =
      fmt::format("[{:<{}}] {:3.0f}%  {} of {}  {:.2f} GB/s", std::string(filled, '#'), WIDTH,
                  share * 100, human_bytes(done), human_bytes(total), rate / 1e9);
  if (rate > 0 && done < total) line += fmt::format("  {:.0f} s left", (total - done) / rate);
  return line;
}

progress_bar::progress_bar(std::FILE* terminal, when show)
    : terminal_(terminal),
      shown_(show == when::always ||
             (show == when::automatic && ::isatty(::fileno(terminal)) == 1)) {}

progress_bar::~progress_bar() {
  if (drawn_) std::fputc('\n', terminal_);
}

void progress_bar::show(const load_progress& now) {
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
  // Back to the line's start, and what the last line had more is cleared. A terminal that is gone
  // is no reason to fail a load: whether this could be written does not matter.
  const std::string line = fmt::format("\r{}\x1b[K", progress_line(now, passed.count()));
  (void)std::fwrite(line.data(), 1, line.size(), terminal_);
  (void)std::fflush(terminal_);
  drawn_ = true;
}

}  // namespace warmstart::cli
