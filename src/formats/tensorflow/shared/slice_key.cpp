#include "formats/tensorflow/shared/slice_key.hpp"

#include <utility>
#include <vector>

#include "formats/tensorflow/shared/common_records.hpp"
#include "formats/tensorflow/shared/ordered_code.hpp"

namespace warmstart::detail {

std::string encode_slice_key(std::string_view tensor, const slice& where) {
  std::string key;
  append_ordered_number(key, 0);
  append_ordered_string(key, tensor);
  append_ordered_number(key, static_cast<std::uint64_t>(where.rank()));
  for (const slice_extent& extent : where.extents()) {
    append_ordered_signed(key, extent.start);
    append_ordered_signed(key, extent.length);
  }
  return key;
}

std::optional<slice_key> decode_slice_key(std::string_view key) {
  if (!may_be_slice_key(key)) return std::nullopt;
  byte_reader reader(key.substr(1));  // skip the number 0: one byte
  auto tensor = take_ordered_string(reader);
  if (!tensor) return std::nullopt;
  const auto rank = take_ordered_number(reader);
  if (!rank || *rank > MAX_RANK) return std::nullopt;
  std::vector<slice_extent> extents;
  for (std::uint64_t d = 0; d < *rank; ++d) {
    const auto start = take_ordered_signed(reader);
    const auto length = start ? take_ordered_signed(reader) : std::nullopt;
    if (!length) return std::nullopt;
    extents.push_back({.start = *start, .length = *length});
  }
  if (!reader.at_end()) return std::nullopt;
  return slice_key{.tensor = std::move(*tensor), .slice = slice(std::move(extents))};
}

}  // namespace warmstart::detail
