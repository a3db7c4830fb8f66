// Metadata of a distributed checkpoint, byte for byte, and behind them its only file: the first two
// bytes say how long the metadata are.

#include <algorithm>
#include <cstring>

#include "formats/dcp/dcp_reader.hpp"
#include "fuzz/targets.hpp"
#include "fuzz/use_catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail::test {

void fuzz_dcp_metadata(std::string_view input) {
  std::uint16_t size = 0;
  if (input.size() < sizeof(size)) return;
  std::memcpy(&size, input.data(), sizeof(size));
  input.remove_prefix(sizeof(size));
  memory_files files;
  files.put("d/.metadata", bundle_writer::bytes_of(std::string(input.substr(0, size))));
  files.put("d/__0_0.distcp", bundle_writer::bytes_of(std::string(
                                  input.substr(std::min<std::size_t>(size, input.size())))));
  catalog source;
  if (accepts("d", [&] { source = read_dcp(files, "d"); })) use_catalog(files, source);
}

}  // namespace warmstart::detail::test
