// The records of a V2 checkpoint's index in a table that is sound: key and value after key and
// value, each behind its length, and at the end the data file.

#include <map>

#include "formats/table/byte_reader.hpp"
#include "formats/tensor_bundle/bundle_reader.hpp"
#include "fuzz/use_catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::test {
namespace {

std::optional<std::string_view> take_text(byte_reader& from) {
  const auto size = from.varint32();
  return size ? from.bytes(*size) : std::nullopt;
}

}  // namespace

void fuzz_bundle_records(std::string_view input) {
  std::map<std::string, std::string> records = {{"", bundle_writer::header_record(1, false)}};
  byte_reader reader(input);
  std::string_view data = reader.rest();
  while (const auto key = take_text(reader)) {
    const auto value = take_text(reader);
    if (!value) break;
    records[std::string(*key)] = *value;
    data = reader.rest();
  }
  raw_table table;
  const auto block = table.add(raw_table::block({records.begin(), records.end()}));
  const auto metaindex = table.add(raw_table::block({}));
  const auto index = table.add(
      raw_table::block({{std::string(input.size() + 1, '\xff'), raw_table::encoded(block)}}));
  memory_files files;
  files.put("m.index", bundle_writer::bytes_of(table.finish(metaindex, index)));
  files.put("m.data-00000-of-00001", bundle_writer::bytes_of(std::string(data)));
  catalog source;
  if (accepts("m.index", [&] { source = read_bundle(files, "m"); })) use_catalog(files, source);
}

}  // namespace warmstart::test
