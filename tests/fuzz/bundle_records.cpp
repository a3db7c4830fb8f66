// The records of a V2 checkpoint's index in a table that is sound: key and value after key and
// value, each behind its length, and at the end the data file.

#include "formats/tensorflow/bundle/bundle_reader.hpp"
#include "fuzz/fuzzed_table.hpp"
#include "fuzz/use_catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail::test {

void fuzz_bundle_records(std::string_view input) {
  fuzzed_records records = {{"", bundle_writer::header_record(1, false)}};
  const std::string_view data = take_records(input, records);
  memory_files files;
  files.put("m.index", bundle_writer::bytes_of(table_of(records)));
  files.put("m.data-00000-of-00001", bundle_writer::bytes_of(std::string(data)));
  catalog source;
  if (accepts("m.index", [&] { source = read_bundle(files, "m"); })) use_catalog(files, source);
}

}  // namespace warmstart::detail::test
