// The records of a V1 checkpoint in a table that is sound: key and value after key and value, each
// behind its length.

#include "formats/tensorflow/slices/slices_reader.hpp"
#include "fuzz/fuzzed_table.hpp"
#include "fuzz/use_catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail::test {

void fuzz_slices_records(std::string_view input) {
  fuzzed_records records;
  (void)take_records(input, records);
  memory_files files;
  files.put("v1", bundle_writer::bytes_of(table_of(records)));
  catalog source;
  if (accepts("v1", [&] { source = read_slices(files, "v1", {"v1"}); })) use_catalog(files, source);
}

}  // namespace warmstart::detail::test
