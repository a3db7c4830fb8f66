// A file of torch.save, byte for byte: an archive, or one of before there were archives.

#include "formats/torch/torch_reader.hpp"
#include "fuzz/targets.hpp"
#include "fuzz/use_catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail::test {

void fuzz_torch_file(std::string_view input) {
  memory_files files;
  files.put("m.pt", bundle_writer::bytes_of(std::string(input)));
  accepts("m.pt", [&] { (void)is_torch(*files.open("m.pt", read_mode::buffered)); });
  catalog source;
  if (accepts("m.pt", [&] { source = read_torch(files, "m.pt"); })) use_catalog(files, source);
}

}  // namespace warmstart::detail::test
