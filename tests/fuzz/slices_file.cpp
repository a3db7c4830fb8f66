// A V1 checkpoint, byte for byte, but with checksums made right.

#include "formats/tensorflow/slices/slices_reader.hpp"
#include "fuzz/signed_table.hpp"
#include "fuzz/use_catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail::test {

void fuzz_slices_file(std::string_view input) {
  memory_files files;
  files.put("v1", bundle_writer::bytes_of(with_checksums(std::string(input))));
  catalog source;
  if (accepts("v1", [&] { source = read_slices(files, "v1", {"v1"}); })) {
    use_catalog(files, source);
  }
}

}  // namespace warmstart::detail::test
