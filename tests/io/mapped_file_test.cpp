// Files whose bytes are used in place.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "support/small_model.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart {
namespace {

class mapped_file : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<file> open(const std::string& contents,
                                           read_mode mode = read_mode::mapped) const {
    test::write_file(path_, contents);
    return system_files()->open(path_, mode);
  }
  static std::string text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  test::temporary_directory directory_;
  std::string path_ = directory_ / "f";
};

TEST_F(mapped_file, shows_any_part_of_it) {
  const auto from = open("0123456789");
  EXPECT_EQ(text(from->view(0, 10)), "0123456789");
  EXPECT_EQ(text(from->view(3, 4)), "3456");
  EXPECT_EQ(text(from->view(9, 1)), "9");
  EXPECT_TRUE(from->is_intact());
}

TEST_F(mapped_file, shows_nothing_beyond_its_end) {
  const auto from = open("0123456789");
  EXPECT_TRUE(from->view(9, 2).empty());
  EXPECT_TRUE(from->view(11, 0).empty());
  EXPECT_TRUE(from->view(INT64_MAX, 1).empty());
  EXPECT_TRUE(from->view(1, INT64_MAX).empty());
}

TEST_F(mapped_file, can_be_read_as_any_other) {
  const auto from = open("0123456789");
  std::vector<std::byte> buffer(4);
  from->read(5, buffer);
  EXPECT_EQ(text(buffer), "5678");
  EXPECT_EQ(test::error_of([&] { return from->read(8, buffer), 0; }).code(), error_code::corrupt);
}

TEST_F(mapped_file, can_be_looked_at_again_after_it_was_released) {
  std::string contents(50'000, 'x');
  contents[20'000] = 'y';
  const auto from = open(contents);
  for (const auto& [offset, size] :
       {std::pair{0, 50'000}, {1, 4095}, {5000, 30'000}, {49'999, 1}}) {
    EXPECT_EQ(text(from->view(0, 50'000)), contents);
    from->release_view(offset, size);
  }
  EXPECT_EQ(text(from->view(0, 50'000)), contents);
  EXPECT_TRUE(from->is_intact());
}

TEST_F(mapped_file, has_no_views_where_there_is_nothing_to_map) {
  EXPECT_TRUE(open("")->view(0, 0).empty());
  EXPECT_TRUE(open("0123456789", read_mode::buffered)->view(0, 1).empty());
}

TEST_F(mapped_file, cut_off_is_known_after_it_was_used_and_reads_tell) {
  const auto from = open(std::string(100'000, 'x'));
  const auto all = from->view(0, 100'000);
  std::filesystem::resize_file(path_, 50'000);
  EXPECT_EQ(std::ranges::count(all, std::byte{'x'}), 50'000);
  from->release_view(0, 100'000);
  EXPECT_FALSE(from->is_intact());
  EXPECT_TRUE(from->view(0, 10).empty()) << "nothing is shown any more";
  std::vector<std::byte> buffer(100'000);
  const error early = test::error_of([&] { return from->read(0, buffer), 0; });
  EXPECT_EQ(early.code(), error_code::corrupt);
  EXPECT_NE(std::string(early.what()).find("expected 100000 bytes at offset 0, found 50000"),
            std::string::npos)
      << early.what();
}

// Each is mapped as long as it is open, and the room for that is limited.
TEST_F(mapped_file, many_of_them_are_open_at_once) {
  test::write_file(path_, "0123456789");
  std::vector<std::unique_ptr<file>> all;
  std::size_t shown = 0;
  for (int i = 0; i < 300; ++i) {
    all.push_back(system_files()->open(path_, read_mode::mapped));
    if (!all.back()->view(0, 10).empty()) ++shown;
    std::vector<std::byte> buffer(10);
    all.back()->read(0, buffer);
    EXPECT_EQ(text(buffer), "0123456789");
  }
  EXPECT_GE(shown, 200U);
}

}  // namespace
}  // namespace warmstart
