#include "formats/tensorflow/sstable/table_reader.hpp"

#include <gtest/gtest.h>
#include <leveldb/iterator.h>
#include <leveldb/table.h>
#include <snappy.h>

#include <memory>

#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "support/table_writer.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::raw_table;
using test::table_entries;
using test::u32le;
using test::varint;

table_entries read_all(const std::string& table) {
  test::memory_files files;
  files.put("table", test::bundle_writer::bytes_of(table));
  table_entries entries;
  read_table(*files.open("table", read_mode::buffered),
             [&](const table_entry& entry) { entries.emplace_back(entry.key, entry.value); });
  return entries;
}

// What reading throws, or "read".
std::string failure_of(const std::string& table, error_code expected = error_code::corrupt) {
  try {
    read_all(table);
    return "read";
  } catch (const error& bad) {
    EXPECT_EQ(bad.code(), expected) << bad.what();
    return bad.what();
  }
}

table_entries some_entries(std::size_t count) {
  table_entries entries = {{"", "header"}};
  for (std::size_t i = 0; i < count; ++i) {
    std::string number = std::to_string(i);
    number.insert(0, 5 - number.size(), '0');
    entries.emplace_back("layer/" + number + "/kernel",
                         std::string(i % 50, static_cast<char>('a' + i % 26)));
  }
  return entries;
}

// What leveldb's own reader makes of it.
table_entries read_by_leveldb(const std::string& table) {
  class memory_source final : public leveldb::RandomAccessFile {
   public:
    explicit memory_source(const std::string& text) : text_(text) {}
    leveldb::Status Read(std::uint64_t offset, std::size_t n, leveldb::Slice* result,
                         char* /*scratch*/) const override {
      *result = leveldb::Slice(text_.data() + offset, n);
      return leveldb::Status::OK();
    }

   private:
    const std::string& text_;
  };
  memory_source source(table);
  leveldb::Table* opened = nullptr;
  EXPECT_TRUE(leveldb::Table::Open({}, &source, table.size(), &opened).ok());
  const std::unique_ptr<leveldb::Table> owner(opened);
  const std::unique_ptr<leveldb::Iterator> iterator(opened->NewIterator({}));
  table_entries entries;
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    entries.emplace_back(iterator->key().ToString(), iterator->value().ToString());
  }
  return entries;
}

TEST(table_reader, reads_what_leveldb_writes) {
  for (const std::size_t block_bytes : {64U, 1000U, 262144U}) {
    for (const bool snappy : {false, true}) {
      const table_entries entries = some_entries(500);
      const std::string table = test::leveldb_table(entries, block_bytes, snappy);
      EXPECT_EQ(read_all(table), entries) << block_bytes << ' ' << snappy;
      EXPECT_EQ(read_by_leveldb(table), entries);
    }
  }
}

TEST(table_reader, reads_an_empty_table) {
  EXPECT_EQ(read_all(test::leveldb_table({})), table_entries());
}

TEST(table_reader, keys_are_bytes) {
  const table_entries entries = {{std::string("\0a", 2), "1"}, {"\x7f", "2"}, {"\xff\xfe", "3"}};
  EXPECT_EQ(read_all(test::leveldb_table(entries)), entries);
}

TEST(table_reader, every_truncation_is_refused) {
  const std::string table = test::leveldb_table(some_entries(40), 200, true);
  for (std::size_t size = 0; size < table.size(); ++size) {
    EXPECT_NE(failure_of(table.substr(0, size)), "read") << size;
  }
}

TEST(table_reader, every_flipped_bit_is_refused_or_harmless) {
  const table_entries entries = some_entries(20);
  const std::string table = test::leveldb_table(entries, 200, false);
  for (std::size_t bit = 0; bit < 8 * table.size(); ++bit) {
    std::string damaged = table;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    try {
      EXPECT_EQ(read_all(damaged), entries) << bit;
    } catch (const error& bad) {
      EXPECT_TRUE(bad.code() == error_code::corrupt) << bad.what();
    }
  }
}

TEST(table_reader, a_damaged_block_is_named_with_its_checksums) {
  std::string table = test::leveldb_table(some_entries(3));
  table[10] = static_cast<char>(table[10] ^ 1);
  EXPECT_NE(failure_of(table).find("table, offset 0: checksum of a block"), std::string::npos)
      << failure_of(table);
}

TEST(table_reader, the_metaindex_block_is_verified) {
  raw_table table;
  const auto data = table.add(raw_table::block({{"a", "1"}}));
  std::string damaged = raw_table::block({});
  const auto metaindex = table.add(damaged);
  const auto index = table.add(raw_table::block({{"b", raw_table::encoded(data)}}));
  std::string good = table.finish(metaindex, index);
  EXPECT_EQ(read_all(good), (table_entries{{"a", "1"}}));
  good[metaindex.offset] = 1;
  EXPECT_NE(failure_of(good).find("checksum"), std::string::npos);
}

TEST(table_reader, unknown_compression_is_unsupported) {
  raw_table table;
  const auto data = table.add(raw_table::block({{"a", "1"}}), 2);
  const auto metaindex = table.add(raw_table::block({}));
  const auto index = table.add(raw_table::block({{"b", raw_table::encoded(data)}}));
  EXPECT_NE(failure_of(table.finish(metaindex, index), error_code::unsupported)
                .find("compression type 2"),
            std::string::npos);
}

TEST(table_reader, handles_must_stay_in_the_file) {
  const std::uint64_t huge = std::uint64_t{1} << 62U;
  for (const raw_table::handle bad :
       {raw_table::handle{.offset = 0, .size = huge}, raw_table::handle{.offset = huge, .size = 1},
        raw_table::handle{.offset = UINT64_MAX, .size = UINT64_MAX},
        raw_table::handle{.offset = 0, .size = 60}}) {
    raw_table table;
    const auto metaindex = table.add(raw_table::block({}));
    const auto index = table.add(raw_table::block({{"b", raw_table::encoded(bad)}}));
    EXPECT_NE(failure_of(table.finish(metaindex, index)).find("leaves the file"),
              std::string::npos);
    EXPECT_NE(failure_of(table.finish(metaindex, bad)).find("leaves the file"), std::string::npos);
    EXPECT_NE(failure_of(table.finish(bad, index)).find("leaves the file"), std::string::npos);
  }
  const raw_table empty;
  EXPECT_NE(failure_of(empty.finish_with(std::string(40, '\xff'))).find("handle"),
            std::string::npos);
}

TEST(table_reader, bytes_after_a_handle_in_the_index_are_tolerated) {
  raw_table table;
  const auto data = table.add(raw_table::block({{"a", "1"}}));
  const auto metaindex = table.add(raw_table::block({}));
  const auto index = table.add(raw_table::block({{"b", raw_table::encoded(data) + "more"}}));
  EXPECT_EQ(read_all(table.finish(metaindex, index)), (table_entries{{"a", "1"}}));
}

// A table of one data block with these contents.
std::string table_of(const std::string& contents, char compression = 0) {
  raw_table table;
  const auto data = table.add(contents, compression);
  const auto metaindex = table.add(raw_table::block({}));
  const auto index = table.add(raw_table::block({{"zzz", raw_table::encoded(data)}}));
  return table.finish(metaindex, index);
}

TEST(table_reader, blocks_must_make_sense) {
  const std::string end = u32le(0) + u32le(1);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "restart array"},
      {"abc", "restart array"},
      {u32le(0) + u32le(0), "claims 0 restarts"},
      {u32le(0) + u32le(0x40000000), "restarts"},
      {varint(0) + varint(1) + varint(0) + "a" + u32le(1) + u32le(1), "restart 0"},
      {varint(1) + varint(1) + varint(0) + "a" + end, "header is damaged"},
      {varint(0) + varint(5) + varint(0) + "a" + end, "leaves its block"},
      {varint(0) + varint(1) + varint(9) + "a" + end, "leaves its block"},
      {varint(0) + std::string(5, '\xff') + end, "header is damaged"},
      {raw_table::block({{"b", ""}, {"a", ""}}), "do not ascend"},
      {raw_table::block({{"a", ""}, {"a", ""}}), "do not ascend"},
      {raw_table::block({{"zzzz", ""}}), "beyond its block's end"}};
  for (const auto& [contents, expected] : cases) {
    const std::string found = failure_of(table_of(contents));
    EXPECT_NE(found.find(expected), std::string::npos) << found << " instead of " << expected;
  }
}

TEST(table_reader, a_bomb_of_shared_keys_is_refused) {
  const std::string first(1 << 20, 'k');
  std::string contents = varint(0) + varint(first.size()) + varint(0) + first;
  for (std::size_t i = 0; i < 70; ++i) {
    contents += varint(first.size() + i) + varint(1) + varint(0) + "k";
  }
  const std::string found = failure_of(table_of(contents + u32le(0) + u32le(1)));
  EXPECT_NE(found.find("longer than 67"), std::string::npos) << found.substr(0, 200);
}

TEST(table_reader, a_snappy_bomb_is_refused_before_it_is_allocated) {
  for (const std::string& bomb :
       {varint(0xffffffff) + std::string("\0a", 2), varint(1U << 30U) + "abcdef", std::string()}) {
    EXPECT_NE(failure_of(table_of(bomb, 1)).find("Snappy"), std::string::npos);
  }
  std::string compressed;
  const std::string block = raw_table::block({{"a", std::string(100000, 'x')}});
  snappy::Compress(block.data(), block.size(), &compressed);
  EXPECT_EQ(read_all(table_of(compressed, 1)).at(0).second.size(), 100000U);
}

TEST(table_reader, files_of_other_kinds_are_refused) {
  EXPECT_NE(failure_of("short").find("too short for a table"), std::string::npos);
  EXPECT_NE(failure_of(std::string(500, 'x')).find("expected magic number 0xdb4775248b80fb57"),
            std::string::npos);
}

}  // namespace
}  // namespace warmstart::detail
