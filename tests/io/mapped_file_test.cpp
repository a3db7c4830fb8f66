// Files whose bytes are used in place.

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "support/small_model.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::detail {
namespace {

class mapped_file : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<file> open(const std::string& contents,
                                           read_mode mode = read_mode::mapped) const {
    test::write_file(path_, contents);
    return system_files()->open(path_, mode);
  }
  // The bytes that are read in place; nothing if that fails.
  static std::optional<std::string> text(const file& from, std::int64_t offset, std::int64_t size) {
    std::string copied;
    const bool read = from.read_in_place(offset, size, [&](std::span<const std::byte> bytes) {
      copied.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    return read ? std::optional(copied) : std::nullopt;
  }
  static std::string text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  test::temporary_directory directory_;
  std::string path_ = directory_ / "f";
};

TEST_F(mapped_file, shows_any_part_of_it) {
  const auto from = open("0123456789");
  EXPECT_EQ(text(*from, 0, 10), "0123456789");
  EXPECT_EQ(text(*from, 3, 4), "3456");
  EXPECT_EQ(text(*from, 9, 1), "9");
}

TEST_F(mapped_file, shows_nothing_beyond_its_end) {
  const auto from = open("0123456789");
  EXPECT_EQ(text(*from, 9, 2), std::nullopt);
  EXPECT_EQ(text(*from, 11, 0), std::nullopt);
  EXPECT_EQ(text(*from, INT64_MAX, 1), std::nullopt);
  EXPECT_EQ(text(*from, 1, INT64_MAX), std::nullopt);
}

TEST_F(mapped_file, can_be_read_as_any_other) {
  const auto from = open("0123456789");
  std::vector<std::byte> buffer(4);
  from->read(5, buffer);
  EXPECT_EQ(text(buffer), "5678");
  EXPECT_EQ(test::error_of([&] { return from->read(8, buffer), 0; }).code(), error_code::corrupt);
}

TEST_F(mapped_file, can_be_read_in_place_again_after_it_was_released) {
  std::string contents(50'000, 'x');
  contents[20'000] = 'y';
  const auto from = open(contents);
  for (const auto& [offset, size] :
       {std::pair{0, 50'000}, {1, 4095}, {5000, 30'000}, {49'999, 1}}) {
    EXPECT_EQ(text(*from, 0, 50'000), contents);
    from->release_in_place(offset, size);
  }
  EXPECT_EQ(text(*from, 0, 50'000), contents);
}

TEST_F(mapped_file, has_no_view_of_an_empty_or_unmapped_file) {
  EXPECT_EQ(text(*open(""), 0, 0), std::nullopt);
  EXPECT_EQ(text(*open("0123456789", read_mode::buffered), 0, 1), std::nullopt);
}

TEST_F(mapped_file, truncated_is_known_after_it_was_used_and_reads_tell) {
  const auto from = open(std::string(100'000, 'x'));
  std::filesystem::resize_file(path_, 50'000);
  std::string seen;
  EXPECT_FALSE(from->read_in_place(0, 100'000, [&](std::span<const std::byte> all) {
    seen.assign(reinterpret_cast<const char*>(all.data()), all.size());
  }));
  EXPECT_EQ(seen.substr(53'248), std::string(46'752, '\0'));
  from->release_in_place(0, 100'000);
  EXPECT_EQ(text(*from, 0, 10), std::nullopt) << "nothing is shown any more";
  std::vector<std::byte> buffer(100'000);
  const error early = test::error_of([&] { return from->read(0, buffer), 0; });
  EXPECT_EQ(early.code(), error_code::corrupt);
  EXPECT_NE(std::string(early.what())
                .find("offset 0: the file ends too early: expected 100000 bytes, found 50000"),
            std::string::npos)
      << early.what();
}

TEST_F(mapped_file, many_of_them_are_open_at_once) {
  test::write_file(path_, "0123456789");
  std::vector<std::unique_ptr<file>> all;
  for (int i = 0; i < 300; ++i) {
    all.push_back(system_files()->open(path_, read_mode::mapped));
    EXPECT_EQ(text(*all.back(), 0, 10), "0123456789") << i;
  }
}

// A program's own handler stays where it is.
TEST_F(mapped_file, only_mapped_files_need_a_signal_handler) {
  const auto current = [] {
    struct sigaction now {};
    ::sigaction(SIGBUS, nullptr, &now);
    return now.sa_handler;
  };
  const auto before = current();
  {
    const auto buffered = open("0123456789", read_mode::buffered);
    EXPECT_EQ(current(), before);
    const auto mapped = open("0123456789");
    EXPECT_NE(current(), before);
  }
  EXPECT_EQ(current(), before);
}

}  // namespace
}  // namespace warmstart::detail
