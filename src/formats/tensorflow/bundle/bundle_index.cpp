#include "formats/tensorflow/bundle/bundle_index.hpp"

#include <fmt/format.h>

#include "base/checked.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/tensorflow/shared/slice_key.hpp"
#include "formats/tensorflow/sstable/table_reader.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

void check_place(const bundle_entry& entry, const bundle_header& header, const std::string& where) {
  if (entry.shard < 0 || entry.shard >= header.shard_count) {
    throw error(error_code::corrupt, fmt::format("{}: expected a shard in [0, {}), found {}", where,
                                                 header.shard_count, entry.shard));
  }
  if (entry.offset_bytes < 0 || entry.size_bytes < 0 ||
      !checked_add(entry.offset_bytes, entry.size_bytes)) {
    throw error(error_code::corrupt, fmt::format("{}: no file has {} bytes at offset {}", where,
                                                 entry.size_bytes, entry.offset_bytes));
  }
}

}  // namespace

bundle_index read_bundle_index(const file& from) {
  bundle_index made;
  bool has_header = false;
  read_table(from, [&](const table_entry& entry) {
    if (entry.key.empty()) {
      made.header = parse_bundle_header(entry.value, from.path() + ", header");
      has_header = true;
      return;
    }
    if (!has_header) {
      throw error(error_code::corrupt, from.path() + ": the first record is not the header");
    }
    const std::string where = fmt::format("{}, key {}", from.path(), in_quotes(entry.key));
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
    throw error(error_code::corrupt, from.path() + ": there is no header record (empty key)");
  }
  return made;
}

}  // namespace warmstart::detail
