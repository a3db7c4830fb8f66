// The index of a V2 checkpoint, byte for byte, but with checksums made right.

#include "formats/tensorflow/bundle/bundle_reader.hpp"
#include "fuzz/signed_table.hpp"
#include "fuzz/use_catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail::test {

void fuzz_bundle_index(std::string_view input) {
  memory_files files;
  files.put("m.index", bundle_writer::bytes_of(with_checksums(std::string(input))));
  files.put("m.data-00000-of-00001", std::vector<std::byte>(4096));
  catalog source;
  if (accepts("m.index", [&] { source = read_bundle(files, "m"); })) use_catalog(files, source);
}

}  // namespace warmstart::detail::test
