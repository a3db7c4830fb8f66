#include "formats/tensorflow/sstable/table_scan.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "checksum/crc32c.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "support/table_writer.hpp"

namespace warmstart::detail {
namespace {

using test::table_entries;

std::string noise(std::size_t size, std::uint32_t seed) {
  std::string text(size, '\0');
  for (char& byte : text) {
    seed = seed * 1664525 + 1013904223;
    byte = static_cast<char>(seed >> 24U);
  }
  return text;
}

std::uint32_t crc_of(std::string_view text) {
  return crc32c(std::as_bytes(std::span(text.data(), text.size())));
}

struct found_entry {
  std::string key;
  std::string value;
  scanned_entry entry;  ///< its views are gone
  std::string checked_with;
};

struct scan_result {
  std::vector<found_entry> entries;
  std::vector<std::string> damage;
  std::int64_t bytes_read = 0;
};

scan_result scan(const std::string& table) {
  test::memory_files files;
  files.put("table", test::bundle_writer::bytes_of(table));
  scan_result made;
  scan_table(
      *files.open("table", read_mode::buffered),
      [&](const scanned_entry& one) {
        made.entries.push_back(
            {std::string(one.key), std::string(one.value), one, std::string(one.checked_with)});
      },
      [&](const error& bad) { made.damage.emplace_back(bad.what()); });
  for (const auto& read : files.log()) made.bytes_read += read.size;
  return made;
}

// Small values and large ones; with small blocks each large one ends a block of its own.
table_entries mixed_entries() {
  return {{"", noise(100, 1)},       {"a", noise(10, 2)},  {"b", noise(300'000, 3)},
          {"c", noise(20, 4)},       {"cc", noise(30, 5)}, {"d", noise(200'000, 6)},
          {"e", noise(70'000, 7)},   {"f", noise(5, 8)},   {"g", ""},
          {"h", noise(1'000'000, 9)}};
}

TEST(table_scan, finds_values_and_their_checksums_without_reading_the_large_ones) {
  for (const std::size_t block_bytes : std::vector<std::size_t>{1, 4096, 100'000, 4'000'000}) {
    for (const bool snappy : {false, true}) {
      const table_entries entries = mixed_entries();
      const std::string table = test::leveldb_table(entries, block_bytes, snappy);
      const scan_result found = scan(table);
      EXPECT_TRUE(found.damage.empty());
      ASSERT_EQ(found.entries.size(), entries.size());
      for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto& [key, value] = entries[i];
        const found_entry& one = found.entries[i];
        EXPECT_EQ(one.key, key);
        EXPECT_EQ(one.value, value.substr(0, one.value.size()));
        EXPECT_EQ(one.entry.value_bytes, static_cast<std::int64_t>(value.size()));
        EXPECT_EQ(one.entry.value_crc32c, crc_of(value)) << key << ", blocks of " << block_bytes;
        if (!one.entry.compressed) {
          EXPECT_EQ(table.substr(static_cast<std::size_t>(one.entry.offset_bytes), value.size()),
                    value);
        }
      }
      if (!snappy && block_bytes == 4096) {
        EXPECT_LT(found.bytes_read, 400'000);
      }
    }
  }
}

TEST(table_scan, entries_name_the_one_that_verifies_their_block) {
  const scan_result found = scan(test::leveldb_table(mixed_entries(), 4096));
  std::vector<std::string> with;
  for (const found_entry& one : found.entries) with.push_back(one.checked_with);
  // The block of the empty key was verified at once; f, g and h share one, as do c, cc and d.
  EXPECT_EQ(with, (std::vector<std::string>{"", "", "", "d", "d", "d", "e", "h", "h", "h"}));
}

TEST(table_scan, any_damage_to_a_block_changes_its_computed_checksum) {
  const table_entries entries = {{"", "meta"},
                                 {"a", noise(5000, 1)},  // ends the first block
                                 {"b", noise(50, 2)},
                                 {"c", noise(100'000, 3)}};
  const std::string table = test::leveldb_table(entries, 4096);
  const scan_result whole = scan(table);
  const auto& block = whole.entries.back().entry.block;
  const auto& large = whole.entries.back().entry;
  ASSERT_EQ(whole.entries[2].checked_with, "c");
  const auto end = static_cast<std::size_t>(block.offset + block.size);
  for (auto at = static_cast<std::size_t>(block.offset); at < end + 5;
       at += at < static_cast<std::size_t>(large.offset_bytes) || at + 100 > end ? 1 : 997) {
    std::string bad = table;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    const scan_result found = scan(bad);
    bool noticed = !found.damage.empty() || found.entries.size() != entries.size();
    for (const found_entry& one : found.entries) {
      if (one.key != "c") continue;
      const auto value = bad.substr(static_cast<std::size_t>(one.entry.offset_bytes),
                                    static_cast<std::size_t>(one.entry.value_bytes));
      noticed = noticed || one.entry.value_crc32c != crc_of(value);
    }
    EXPECT_TRUE(noticed) << "byte " << at - static_cast<std::size_t>(block.offset);
  }
}

TEST(table_scan, a_damaged_block_is_reported_and_the_others_are_found) {
  table_entries entries = {{"", "meta"}};
  for (char name = 'a'; name <= 'e'; ++name)
    entries.emplace_back(std::string(1, name), noise(50, 1));
  std::string table = test::leveldb_table(entries, 1);
  const scan_result whole = scan(table);
  table[static_cast<std::size_t>(whole.entries[3].entry.offset_bytes)] ^= 1;
  const scan_result found = scan(table);
  ASSERT_EQ(found.damage.size(), 1U);
  EXPECT_NE(found.damage[0].find("checksum of a block"), std::string::npos) << found.damage[0];
  ASSERT_EQ(found.entries.size(), entries.size() - 1);
  EXPECT_EQ(found.entries[3].key, "d");
}

TEST(table_scan, verifies_a_block_piece_by_piece) {
  std::string table = test::leveldb_table({{"", "meta"}, {"a", noise(300'000, 1)}}, 1);
  const scan_result whole = scan(table);
  const auto verify = [&] {
    test::memory_files files;
    files.put("table", test::bundle_writer::bytes_of(table));
    check_block(*files.open("table", read_mode::buffered), whole.entries[1].entry.block);
  };
  EXPECT_NO_THROW(verify());
  table[200'000] ^= 1;
  EXPECT_THROW(verify(), error);
}

}  // namespace
}  // namespace warmstart::detail
