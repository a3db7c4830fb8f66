// The object graph of a V2 checkpoint that is otherwise sound: it has an empty tensor at each key
// that the graph names, but for those that end with '?'.

#include "formats/tensorflow/bundle/object_graph.hpp"

#include "formats/tensorflow/bundle/bundle_reader.hpp"
#include "formats/tensorflow/shared/slice_key.hpp"
#include "fuzz/fuzzed_table.hpp"
#include "fuzz/use_catalog.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "support/string_payload.hpp"

namespace warmstart::detail::test {
namespace {

constexpr auto GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH";

std::string graph_record(const encoded_strings& stored) {
  return bundle_writer::record({.type = static_cast<std::int64_t>(dtype::string),
                                .size = static_cast<std::int64_t>(stored.payload.size()),
                                .crc = stored.crc});
}

/// Returns whether the graph is one.
bool add_tensors(std::string_view graph, fuzzed_records& to) {
  return accepts("here: ", [&] {
    for (const auto& attribute : parse_object_graph(graph, {"here"}).attributes) {
      if (attribute.key.ends_with('?') || may_be_slice_key(attribute.key)) continue;
      to[std::string(attribute.key)] = bundle_writer::record({.sizes = {0}});
    }
  });
}

}  // namespace

void fuzz_object_graph(std::string_view input) {
  const encoded_strings stored = encode_strings({std::string(input)});
  fuzzed_records records = {{"", bundle_writer::header_record(1, false)}};
  const bool is_graph = add_tensors(input, records);
  records[GRAPH_KEY] = graph_record(stored);
  memory_files files;
  files.put("m.index", bundle_writer::bytes_of(table_of(records)));
  files.put("m.data-00000-of-00001", bundle_writer::bytes_of(stored.payload));
  const catalog source = read_bundle(files, "m");
  require(source.missing_names_reason.empty() == is_graph,
          "why names are missing: " + source.missing_names_reason);
  use_catalog(files, source);
}

}  // namespace warmstart::detail::test
