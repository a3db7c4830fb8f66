#include "cli/progress_bar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string>

#include "base/human_bytes.hpp"
#include "cli/terminal.hpp"

namespace warmstart::detail::cli {
namespace {

double share_of(const load_progress& now) {
  if (now.bytes_total <= 0) return 1;
  return static_cast<double>(now.bytes_done) / static_cast<double>(now.bytes_total);
}

// Joins parts with two spaces.
std::string joined(std::initializer_list<std::string> parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!part.empty()) text += (text.empty() ? "" : "  ") + part;
  }
  return text;
}

// Puts a bar before the text, as long as `width` allows; empty if the bar would be too short.
std::string with_bar(const std::string& text, double share, std::size_t width) {
  constexpr std::size_t SHORTEST = 8;
  constexpr std::size_t LONGEST = 30;
  const std::size_t around = text.size() + 3;  // two brackets and a space
  if (width < around + SHORTEST) return {};
  const std::size_t length = std::min(LONGEST, width - around);
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(length));
  return fmt::format("[{:<{}}] {}", std::string(filled, '#'), length, text);
}

}  // namespace

std::string progress_line(const load_progress& now, double seconds, std::size_t width) {
  const auto done = static_cast<double>(now.bytes_done);
  const auto total = static_cast<double>(now.bytes_total);
  const double speed = seconds > 0 ? done / seconds : 0;
  const std::string share = fmt::format("{:3.0f}%", share_of(now) * 100);
  const std::string bytes = human_bytes(now.bytes_done) + " of " + human_bytes(now.bytes_total);
  const std::string rate = fmt::format("{:.2f} GB/s", speed / 1e9);
  const std::string left =
      speed > 0 && done < total ? fmt::format("{:.0f} s left", (total - done) / speed) : "";
  for (const std::string& text :
       {joined({share, bytes, left, rate}), joined({share, bytes, left})}) {
    std::string line = with_bar(text, share_of(now), width);
    if (!line.empty()) return line;
  }
  for (std::string text : {joined({share, bytes, left}), joined({share, left})}) {
    if (text.size() <= width) return text;
  }
  return share;
}

progress_bar::progress_bar(std::FILE* out, when show)
    : out_(out),
      terminal_(is_terminal(out)),
      shown_(show == when::always || (show == when::automatic && terminal_)) {}

progress_bar::~progress_bar() {
  if (line_is_open_) std::fputc('\n', out_);
}

void progress_bar::show(const load_progress& now) {
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
  if (terminal_) {
    // Rewrite the line, and clear the rest of the previous one. Leave the last column empty: some
    // terminals begin a new line when it is written.
    const std::size_t width = terminal_width(out_) - 1;
    write("\r" + progress_line(now, passed.count(), width) + "\x1b[K");
    line_is_open_ = true;
    return;
  }
  const int tenth = static_cast<int>(share_of(now) * 10);
  if (tenth < next_tenth_) return;
  next_tenth_ = tenth + 1;
  constexpr std::size_t WIDTH = 80;
  write(progress_line(now, passed.count(), WIDTH) + '\n');
}

// Ignores failures: a load should not fail because its terminal is gone.
void progress_bar::write(const std::string& text) {
  (void)std::fwrite(text.data(), 1, text.size(), out_);
  (void)std::fflush(out_);
}

}  // namespace warmstart::detail::cli
