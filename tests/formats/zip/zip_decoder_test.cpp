#include "formats/zip/zip_decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "base/units.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "support/zip_writer.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using testing::HasSubstr;

/// Deflated entries in a file of nothing else.
class zip_decoder_test : public testing::Test {
 protected:
  // Returns where its decoded bytes are. `cut`: so many stored ones are missing, or too many.
  std::int64_t add(const std::string& data, std::int64_t claimed_bytes = -1, int cut = 0) {
    std::string stored = test::deflated(data);
    stored.resize(static_cast<std::size_t>(std::ssize(stored) - cut));
    const std::int64_t begin = std::ssize(file_);
    file_ += stored;
    files_.put("a.zip", test::bundle_writer::bytes_of(file_));
    return decoder_.add({.name = "a",
                         .method = zip_entry::deflated,
                         .size_bytes = std::ssize(stored),
                         .decoded_bytes = claimed_bytes < 0 ? std::ssize(data) : claimed_bytes},
                        begin);
  }
  [[nodiscard]] std::unique_ptr<file> open() const {
    return decoder_.open(files_, read_mode::buffered);
  }
  static std::string read(const file& from, std::int64_t offset, std::int64_t count) {
    std::string bytes(static_cast<std::size_t>(count), '\0');
    from.read(offset, std::as_writable_bytes(std::span(bytes)));
    return bytes;
  }
  std::string damage(std::int64_t offset, std::int64_t count) const {
    try {
      (void)read(*open(), offset, count);
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), error_code::corrupt);
      return bad.what();
    }
    return "none";
  }

  std::string file_;
  test::memory_files files_;
  zip_decoder decoder_{"a.zip"};
};

std::string letters(std::size_t count) {
  std::string text;
  std::mt19937 random(5);
  while (text.size() < count) text += static_cast<char>('a' + random() % 4);
  return text;
}

TEST_F(zip_decoder_test, reads_any_part_of_any_entry_in_any_order) {
  const std::string first = letters(30'000);
  const std::string second = letters(70'001);
  const std::int64_t a = add(first);
  const std::int64_t b = add(second);
  const auto from = open();
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    const std::string& of = round % 2 == 0 ? first : second;
    const std::size_t begin = random() % of.size();
    const std::size_t size = random() % (of.size() - begin) + 1;
    ASSERT_EQ(read(*from, (round % 2 == 0 ? a : b) + static_cast<std::int64_t>(begin),
                   static_cast<std::int64_t>(size)),
              of.substr(begin, size));
  }
}

TEST_F(zip_decoder_test, inflates_once_in_order_and_seeks_back_to_a_mark) {
  const std::string data = letters(10 * mebibyte);
  const std::int64_t begin = add(data);
  const auto from = open();
  const auto stored_bytes_read = [&] {
    std::int64_t sum = 0;
    for (const auto& event : files_.log()) sum += event.size;
    return sum;
  };
  std::string found;
  for (std::int64_t at = 0; at < std::ssize(data); at += mebibyte) {
    found += read(*from, begin + at, mebibyte);
  }
  EXPECT_EQ(found, data);
  EXPECT_EQ(stored_bytes_read(), std::ssize(file_));
  // There is one at 8 MiB.
  EXPECT_EQ(read(*from, begin + 9 * mebibyte, 100), data.substr(9 * mebibyte, 100));
  EXPECT_LT(stored_bytes_read(), std::ssize(file_) * 5 / 4);
}

TEST_F(zip_decoder_test, serves_several_threads) {
  const std::string data = letters(9 * mebibyte);
  const std::int64_t begin = add(data);
  const auto from = open();
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      for (std::int64_t at = number * mebibyte; at < std::ssize(data); at += 4 * mebibyte) {
        EXPECT_EQ(read(*from, begin + at, mebibyte),
                  data.substr(static_cast<std::size_t>(at), mebibyte));
      }
    });
  }
  for (std::thread& one : threads) one.join();
}

TEST_F(zip_decoder_test, direct_reads_may_reach_beyond_the_end) {
  const std::string data = letters(5000);
  const std::int64_t begin = add(data);
  std::string bytes(8192, '.');
  decoder_.open(files_, read_mode::direct)->read(begin, std::as_writable_bytes(std::span(bytes)));
  EXPECT_EQ(bytes, data + std::string(3192, '.'));
}

TEST_F(zip_decoder_test, sizes_and_ends_are_checked) {
  const std::string data = letters(1000);
  EXPECT_THAT(damage(add(data, 999), 999), HasSubstr("expected 999 bytes, found more"));
  EXPECT_THAT(damage(add(data, 1001), 1001), HasSubstr("expected 1001 bytes, found 1000"));
  EXPECT_THAT(damage(add(data, 1000, 10), 1000), HasSubstr("it is cut off"));
  EXPECT_THAT(damage(add(data), 1001), HasSubstr("expected 1001 bytes or more, found 1000"));
  EXPECT_THAT(damage(add(data, 1000, -4), 1000), HasSubstr("expected its end after "));
  EXPECT_THAT(damage(add(data), 1000), "none");
  EXPECT_THROW((void)add(data, 2'000'000), error);
  EXPECT_THROW((void)add(data, INT64_MAX), error);
}

TEST_F(zip_decoder_test, no_flipped_bit_causes_a_crash) {
  const std::string data = letters(200);
  const std::int64_t begin = add(data);
  auto& bytes = files_.contents("a.zip");
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= std::byte(1U << bit % 8);
    (void)damage(begin, 200);
    bytes[bit / 8] ^= std::byte(1U << bit % 8);
  }
  EXPECT_EQ(read(*open(), begin, 200), data);
}

}  // namespace
}  // namespace warmstart::detail
