// A safetensors file, byte for byte.

#include "formats/safetensors/file_reader.hpp"
#include "formats/safetensors/safetensors_reader.hpp"
#include "fuzz/targets.hpp"
#include "fuzz/use_catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail::test {

void fuzz_safetensors_file(std::string_view input) {
  memory_files files;
  files.put("m.safetensors", bundle_writer::bytes_of(std::string(input)));
  (void)is_safetensors(*files.open("m.safetensors", read_mode::buffered));
  catalog source;
  if (accepts("m.safetensors", [&] { source = read_safetensors(files, "m.safetensors"); })) {
    use_catalog(files, source);
  }
}

}  // namespace warmstart::detail::test
