#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "formats/tensorflow/sstable/byte_reader.hpp"
#include "support/table_writer.hpp"

namespace warmstart::detail::test {

using fuzzed_records = std::map<std::string, std::string>;

/// Takes key and value after key and value, each behind its length. Returns what is left.
inline std::string_view take_records(std::string_view input, fuzzed_records& to) {
  byte_reader reader(input);
  const auto take_text = [&]() -> std::optional<std::string_view> {
    const auto size = reader.varint32();
    return size ? reader.bytes(*size) : std::nullopt;
  };
  std::string_view rest = input;
  while (const auto key = take_text()) {
    const auto value = take_text();
    if (!value) break;
    to[std::string(*key)] = *value;
    rest = reader.rest();
  }
  return rest;
}

/// A sound table of one block.
inline std::string table_of(const fuzzed_records& records) {
  const std::string beyond = (records.empty() ? std::string() : records.rbegin()->first) + "\xff";
  raw_table table;
  const auto block = table.add(raw_table::block({records.begin(), records.end()}));
  const auto metaindex = table.add(raw_table::block({}));
  const auto index = table.add(raw_table::block({{beyond, raw_table::encoded(block)}}));
  return table.finish(metaindex, index);
}

}  // namespace warmstart::detail::test
