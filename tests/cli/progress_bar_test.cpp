#include "cli/progress_bar.hpp"

#include <gtest/gtest.h>

#include "cli/output.hpp"
#include "core/units.hpp"

namespace warmstart::cli {
namespace {

TEST(progress_bar, shows_share_bytes_rate_and_time_left) {
  EXPECT_EQ(progress_line({.bytes_done = gibibyte, .bytes_total = 4 * gibibyte}, 0.5),
            "[#######                       ]  25%  1.0 GiB of 4.0 GiB  2.15 GB/s  2 s left");
  EXPECT_EQ(progress_line({.bytes_done = 512, .bytes_total = 512}, 1),
            "[##############################] 100%  512 B of 512 B  0.00 GB/s");
  EXPECT_EQ(progress_line({}, 0), "[##############################] 100%  0 B of 0 B  0.00 GB/s");
}

TEST(progress_bar, draws_on_terminals_only) {
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

TEST(progress_bar, a_terminal_that_can_not_be_written_to_is_no_error) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  std::setvbuf(full, nullptr, _IONBF, 0);
  {
    progress_bar bar(full, when::always);
    EXPECT_NO_THROW(bar.show({.bytes_done = 1, .bytes_total = 2}));
  }
  std::fclose(full);
}

TEST(output, numbers_for_people) {
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(hex(0x1a2b), "0x00001a2b");
}

}  // namespace
}  // namespace warmstart::cli
