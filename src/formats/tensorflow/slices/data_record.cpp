#include "formats/tensorflow/slices/data_record.hpp"

#include <span>

#include "checksum/crc32c.hpp"

namespace warmstart::detail {
namespace {

// Removes the bytes before the values from the record's checksum.
std::uint32_t checksum_of_values(const scanned_entry& entry, const packed_values& values) {
  const auto front =
      std::as_bytes(std::span(entry.value)).first(static_cast<std::size_t>(values.offset_bytes));
  const std::uint32_t all = crc32c_finish(entry.value_crc32c, entry.value_bytes);
  return crc32c_finish(all ^ crc32c_advance(crc32c_remainder(front), values.size_bytes),
                       values.size_bytes);
}

}  // namespace

data_record record_of(const scanned_entry& entry) {
  data_record made{.offset_bytes = entry.offset_bytes,
                   .size_bytes = entry.value_bytes,
                   .crc32c = entry.value_crc32c,
                   .packed = find_packed_values(entry.value, entry.value_bytes),
                   .packed_crc32c = 0,
                   .block = entry.block,
                   .compressed = entry.compressed,
                   .checked_with = std::string(entry.checked_with)};
  if (made.packed) made.packed_crc32c = checksum_of_values(entry, *made.packed);
  return made;
}

}  // namespace warmstart::detail
