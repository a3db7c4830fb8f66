#include "formats/tensorflow/bundle/bundle_index.hpp"

#include <fmt/format.h>

#include "base/checked.hpp"
#include "base/file_problem.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/tensorflow/shared/slice_key.hpp"
#include "formats/tensorflow/sstable/table_reader.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

void check_place(const bundle_entry& entry, const bundle_header& header, const file_place& where) {
  if (entry.shard < 0 || entry.shard >= header.shard_count) {
    throw error(file_difference(error_code::corrupt, where, "shard",
                                {.expected = fmt::format("a number in [0, {})", header.shard_count),
                                 .found = fmt::format("{}", entry.shard)}));
  }
  if (entry.offset_bytes < 0 || entry.size_bytes < 0 ||
      !checked_add(entry.offset_bytes, entry.size_bytes)) {
    throw error(file_problem(
        error_code::corrupt, where,
        fmt::format("no file has {} bytes at offset {}", entry.size_bytes, entry.offset_bytes)));
  }
}

}  // namespace

bundle_index read_bundle_index(const file& from) {
  bundle_index made;
  bool has_header = false;
  read_table(from, [&](const table_entry& entry) {
    if (entry.key.empty()) {
      made.header = parse_bundle_header(entry.value, {.path = from.path(), .part = "header"});
      has_header = true;
      return;
    }
    if (!has_header) {
      throw error(
          file_problem(error_code::corrupt, {from.path()}, "the first record is not the header"));
    }
    const file_place where = {.path = from.path(), .part = "key " + in_quotes(entry.key)};
    bundle_entry parsed = parse_bundle_entry(entry.value, where);
    if (parsed.slices.empty()) check_place(parsed, made.header, where);
    if (may_be_slice_key(entry.key) && decode_slice_key(entry.key)) {
      made.slices.emplace_hint(
          made.slices.end(), std::string(entry.key),
          bundle_index::slice_entry{.stored = std::move(parsed), .listed = false});
    } else {
      made.tensors.emplace_back(std::string(entry.key), std::move(parsed));
    }
  });
  if (!has_header) {
    throw error(
        file_problem(error_code::corrupt, {from.path()}, "there is no header record (empty key)"));
  }
  return made;
}

}  // namespace warmstart::detail
