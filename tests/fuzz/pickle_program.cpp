// A pickle, byte for byte: of torch's symbols, or of those of distributed checkpoints.

#include "formats/dcp/dcp_symbols.hpp"
#include "formats/pickle/pickle_reader.hpp"
#include "formats/torch/torch_tensor.hpp"
#include "formats/torch/torch_types.hpp"
#include "formats/torch/value_names.hpp"
#include "fuzz/targets.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"

namespace warmstart::detail::test {
namespace {

void use(const pickle& made) {
  for (const pickle_value& one : made.values) {
    for (const pickle_node item : one.items) {
      require(item < made.values.size(), "a value holds one that is not there");
    }
    if (one.is == pickle_kind::persistent) {
      if (!accepts("p", [&] { (void)read_torch_storage(made, one, "p"); })) return;
    }
  }
  accepts("p", [&] {
    for (const named_value& one : name_calls(made, "root", "p")) {
      accepts("p", [&] { (void)read_torch_tensor(made, made[one.value], "p"); });
    }
  });
}

}  // namespace

void fuzz_pickle_program(std::string_view input) {
  memory_files files;
  files.put("p", bundle_writer::bytes_of(std::string(input)));
  const auto from = files.open("p", read_mode::buffered);
  for (const pickle_dialect symbols : {find_torch_symbol, find_dcp_symbol}) {
    pickle made;
    const file_range all{.begin = 0, .end = std::ssize(input)};
    if (accepts("p", [&] { made = read_pickle(*from, all, symbols); })) use(made);
  }
}

}  // namespace warmstart::detail::test
