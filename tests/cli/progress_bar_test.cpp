#include "cli/progress_bar.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/units.hpp"
#include "cli/output.hpp"

namespace warmstart::detail::cli {
namespace {

constexpr load_progress QUARTER = {.bytes_done = gibibyte, .bytes_total = 4 * gibibyte};

TEST(progress_bar, shows_share_bytes_time_left_and_rate) {
  EXPECT_EQ(progress_line(QUARTER, 0.5, 79),
            "[#######                       ]  25%  1.0 GiB of 4.0 GiB  2 s left  2.15 GB/s");
  EXPECT_EQ(progress_line({.bytes_done = 512, .bytes_total = 512}, 1, 79),
            "[##############################] 100%  512 B of 512 B  0.00 GB/s");
  EXPECT_EQ(progress_line({}, 0, 79),
            "[##############################] 100%  0 B of 0 B  0.00 GB/s");
}

TEST(progress_bar, fits_the_width) {
  EXPECT_EQ(progress_line(QUARTER, 0.5, 59),
            "[##         ]  25%  1.0 GiB of 4.0 GiB  2 s left  2.15 GB/s");
  EXPECT_EQ(progress_line(QUARTER, 0.5, 50), "[###          ]  25%  1.0 GiB of 4.0 GiB  2 s left");
  EXPECT_EQ(progress_line(QUARTER, 0.5, 40), " 25%  1.0 GiB of 4.0 GiB  2 s left");
  EXPECT_EQ(progress_line(QUARTER, 0.5, 20), " 25%  2 s left");
  EXPECT_EQ(progress_line(QUARTER, 0.5, 5), " 25%");
  for (std::size_t width = 4; width < 200; ++width) {
    for (const std::int64_t done : {0L, 1000L * mebibyte, 4000L * mebibyte}) {
      const load_progress now = {.bytes_done = done, .bytes_total = 4000 * mebibyte};
      EXPECT_LE(progress_line(now, 300, width).size(), width);
    }
  }
}

/// A terminal of the system's, of any width.
class terminal_of_a_test {
 public:
  terminal_of_a_test() : master_(posix_openpt(O_RDWR | O_NOCTTY)) {
    grantpt(master_);
    unlockpt(master_);
    out_ = std::fopen(ptsname(master_), "w");
  }
  terminal_of_a_test(const terminal_of_a_test&) = delete;
  terminal_of_a_test& operator=(const terminal_of_a_test&) = delete;
  ~terminal_of_a_test() {
    std::fclose(out_);
    close(master_);
  }

  [[nodiscard]] std::FILE* out() const { return out_; }
  void set_width(unsigned columns) const {
    const winsize size = {.ws_row = 24,
                          .ws_col = static_cast<unsigned short>(columns),
                          .ws_xpixel = 0,
                          .ws_ypixel = 0};
    ASSERT_EQ(ioctl(master_, TIOCSWINSZ, &size), 0);
  }
  [[nodiscard]] std::string shown() const {
    std::string text(4096, '\0');
    const ssize_t count = read(master_, text.data(), text.size());
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return text;
  }

 private:
  int master_;
  std::FILE* out_;
};

TEST(progress_bar, is_as_wide_as_the_terminal_is_at_that_moment) {
  const terminal_of_a_test terminal;
  progress_bar bar(terminal.out(), when::automatic);
  EXPECT_TRUE(bar.shown());
  for (const unsigned columns : {40U, 60U, 80U, 200U, 80U, 0U}) {
    terminal.set_width(columns);
    bar.show(QUARTER);
    const std::string shown = terminal.shown();
    ASSERT_TRUE(shown.starts_with('\r') && shown.ends_with("\x1b[K")) << shown;
    const std::string line = shown.substr(1, shown.size() - 4);
    EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos) << line;
    EXPECT_LT(line.size(), columns == 0 ? 80U : columns) << line;
    EXPECT_EQ(line.starts_with('['), columns != 40) << line;
    EXPECT_NE(line.find("  0 s left"), std::string::npos) << line;
  }
}

TEST(progress_bar, is_shown_on_terminals_unless_it_is_asked_for) {
  std::FILE* file = std::tmpfile();
  {
    progress_bar bar(file, when::automatic);
    EXPECT_FALSE(bar.shown());
    EXPECT_TRUE(progress_bar(file, when::always).shown());
    EXPECT_FALSE(progress_bar(file, when::never).shown());
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

TEST(progress_bar, elsewhere_is_a_line_for_each_tenth) {
  std::FILE* file = std::tmpfile();
  {
    progress_bar bar(file, when::always);
    for (int i = 1; i <= 100; ++i) bar.show({.bytes_done = i, .bytes_total = 100});
  }
  std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  EXPECT_EQ(std::fread(text.data(), 1, text.size(), file), text.size());
  std::fclose(file);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10) << text;
  EXPECT_EQ(text.find_first_of("\r\x1b"), std::string::npos) << text;
}

TEST(progress_bar, a_terminal_that_cannot_be_written_to_is_no_error) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  std::setvbuf(full, nullptr, _IONBF, 0);
  {
    progress_bar bar(full, when::always);
    EXPECT_NO_THROW(bar.show({.bytes_done = 1, .bytes_total = 2}));
  }
  std::fclose(full);
}

TEST(output, checksums_are_hexadecimal) {
  EXPECT_EQ(hex(0x1a2b), "0x00001a2b");
}

}  // namespace
}  // namespace warmstart::detail::cli
