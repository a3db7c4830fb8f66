// A file of NumPy's, byte for byte.

#include "formats/numpy/npy_reader.hpp"
#include "fuzz/targets.hpp"
#include "fuzz/use_catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail::test {

void fuzz_npy_file(std::string_view input) {
  memory_files files;
  files.put("m.npy", bundle_writer::bytes_of(std::string(input)));
  (void)is_npy(*files.open("m.npy", read_mode::buffered));
  catalog source;
  if (accepts("m.npy", [&] { source = read_npy(files, "m.npy"); })) {
    use_catalog(files, source);
  }
}

}  // namespace warmstart::detail::test
