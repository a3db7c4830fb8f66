#include "formats/zip/zip_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "support/zip_writer.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::little_endian;
using test::zip_writer;
using testing::HasSubstr;

class zip_directory : public testing::Test {
 protected:
  std::vector<zip_entry> read(const std::string& bytes) {
    files_.put("a.zip", test::bundle_writer::bytes_of(bytes));
    return read_zip_directory(*open(), {.begin = 0, .end = std::ssize(bytes)});
  }
  std::string refusal(const std::string& bytes, error_code code = error_code::corrupt) {
    try {
      (void)read(bytes);
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), code) << bad.what();
      EXPECT_THAT(bad.what(), HasSubstr("a.zip, offset "));
      return bad.what();
    }
    ADD_FAILURE() << "was accepted";
    return {};
  }
  [[nodiscard]] std::unique_ptr<file> open() const {
    return files_.open("a.zip", read_mode::buffered);
  }
  // What an entry's bytes are, as stored.
  std::string bytes_of(const zip_entry& entry, const file_range& where) const {
    const auto from = open();
    std::string bytes(static_cast<std::size_t>(entry.size_bytes), '\0');
    from->read(find_zip_data(*from, where, entry), std::as_writable_bytes(std::span(bytes)));
    return bytes;
  }

  test::memory_files files_;
};

TEST_F(zip_directory, entries_and_where_their_bytes_are) {
  for (const bool zip64 : {false, true}) {
    for (const char* comment : {"", "PK or not", "PK\x05\x06 and more"}) {
      zip_writer writer;
      writer.add("a/b", "first").add("c", std::string(1000, 'x'), zip_entry::deflated).add("", "");
      writer.entries[0].zip64 = true;
      writer.entries[0].padding = "padding";
      const std::string bytes = writer.finish(comment, zip64);
      const auto entries = read(bytes);
      ASSERT_EQ(entries.size(), 3U);
      EXPECT_EQ(entries[0].name, "a/b");
      EXPECT_EQ(entries[0].method, zip_entry::stored);
      EXPECT_EQ(entries[0].crc32, writer.entries[0].crc32);
      EXPECT_EQ(bytes_of(entries[0], {.begin = 0, .end = std::ssize(bytes)}), "first");
      EXPECT_EQ(entries[1].method, zip_entry::deflated);
      EXPECT_EQ(entries[1].decoded_bytes, 1000);
      EXPECT_EQ(bytes_of(entries[1], {.begin = 0, .end = std::ssize(bytes)}),
                writer.entries[1].bytes);
      EXPECT_EQ(entries[2].size_bytes, 0);
      EXPECT_TRUE(is_zip(*open()));
    }
  }
}

TEST_F(zip_directory, an_archive_within_a_file) {
  const std::string bytes = zip_writer().add("a", "first").finish("", true);
  files_.put("a.zip", test::bundle_writer::bytes_of("before" + bytes + "behind"));
  const file_range where{.begin = 6, .end = 6 + std::ssize(bytes)};
  const auto entries = read_zip_directory(*open(), where);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(bytes_of(entries[0], where), "first");
  EXPECT_FALSE(is_zip(*open()));
}

TEST_F(zip_directory, impossible_values_are_refused) {
  EXPECT_THAT(refusal("PK\x03\x04"), HasSubstr("expected an end record, found none"));
  EXPECT_THAT(refusal(std::string(100'000, 'x')), HasSubstr("offset 34443: zip archive"));
  EXPECT_THAT(refusal(zip_writer().add("a", "x").add("a", "y").finish()),
              HasSubstr("expected each entry once, found two called 'a'"));
  const auto with = [](auto change) {
    zip_writer writer;
    writer.add("a", "12345");
    change(writer.entries[0]);
    return writer.finish();
  };
  EXPECT_THAT(refusal(with([](auto& one) { one.flags = 1; }), error_code::unsupported),
              HasSubstr("expected no encryption, found entry 'a'"));
  EXPECT_THAT(refusal(with([](auto& one) { one.decoded_bytes = 6; })),
              HasSubstr("entry 'a', which is stored, to have one size, found 5 and 6"));
  EXPECT_THAT(refusal(with([](auto& one) {
                one.zip64 = true;
                one.method = zip_entry::deflated;
                one.decoded_bytes = UINT64_MAX;
              })),
              HasSubstr("expected entry 'a' before the directory"));
}

TEST_F(zip_directory, counts_and_places_beyond_the_file_are_refused) {
  const std::string whole = zip_writer().add("a", "12345").finish();
  const std::size_t end = whole.size() - 22;
  const auto with = [&](std::size_t offset, std::uint64_t value, int bytes) {
    std::string damaged = whole;
    damaged.replace(end + offset, static_cast<std::size_t>(bytes), little_endian(value, bytes));
    return damaged;
  };
  EXPECT_THAT(refusal(with(4, 1, 2), error_code::unsupported), HasSubstr("on one disk"));
  EXPECT_THAT(refusal(with(10, 2, 2)), HasSubstr("at most 1 entries in 47 bytes, found 2"));
  EXPECT_THAT(refusal(with(12, 48, 4)), HasSubstr("expected a directory before its end record"));
  EXPECT_THAT(refusal(with(16, 0xffffffff, 4)), HasSubstr("expected a directory before"));
  EXPECT_THAT(refusal(with(16, 0, 4)), HasSubstr("offset 0: zip archive: expected an entry's"));
}

TEST_F(zip_directory, a_local_header_must_be_that_of_the_entry) {
  const std::string whole = zip_writer().add("a", "12345").finish();
  const file_range where{.begin = 0, .end = std::ssize(whole)};
  const zip_entry entry = read(whole)[0];
  for (const std::size_t offset : {std::size_t{0}, std::size_t{30}, std::size_t{27}}) {
    std::string damaged = whole;
    damaged[offset] = static_cast<char>(damaged[offset] ^ 1);
    files_.put("a.zip", test::bundle_writer::bytes_of(damaged));
    try {
      (void)find_zip_data(*open(), where, entry);
      ADD_FAILURE() << offset;
    } catch (const error& bad) {
      EXPECT_THAT(bad.what(), HasSubstr("a.zip, offset 0: zip archive: expected "));
    }
  }
}

TEST_F(zip_directory, any_truncation_is_found_and_no_flipped_bit_crashes) {
  zip_writer writer;
  writer.add("a/b", "first").add("c", "second", zip_entry::deflated);
  writer.entries[0].zip64 = true;
  const std::string whole = writer.finish("", true);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW((void)read(whole.substr(0, size)), error) << size;
  }
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    try {
      for (const zip_entry& one : read(damaged)) {
        const file_range where{.begin = 0, .end = std::ssize(damaged)};
        ASSERT_LE(find_zip_data(*open(), where, one) + one.size_bytes, std::ssize(damaged));
      }
    } catch (const error&) {
    }
  }
}

}  // namespace
}  // namespace warmstart::detail
