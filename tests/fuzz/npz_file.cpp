// A file of NumPy's that is a zip archive, byte for byte.

#include "formats/numpy/npy_reader.hpp"
#include "fuzz/targets.hpp"
#include "fuzz/use_catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail::test {

void fuzz_npz_file(std::string_view input) {
  memory_files files;
  files.put("m.npz", bundle_writer::bytes_of(std::string(input)));
  accepts("m.npz", [&] { (void)is_npz(*files.open("m.npz", read_mode::buffered)); });
  catalog source;
  if (accepts("m.npz", [&] { source = read_npz(files, "m.npz"); })) {
    use_catalog(files, source);
  }
}

}  // namespace warmstart::detail::test
