#include "formats/tensorflow/bundle/records.hpp"

#include <utility>

#include "formats/tensorflow/shared/common_records.hpp"
#include "formats/tensorflow/sstable/masked_crc.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

bundle_entry parse_entry_fields(pbf_reader message, const file_place& where) {
  bundle_entry entry;
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        entry.type_number = take_int64(message, where);
        break;
      case 2:
        entry.full_shape = parse_shape(take_message(message, where), where);
        break;
      case 3:
        entry.shard = take_int32(message, where);
        break;
      case 4:
        entry.offset_bytes = take_int64(message, where);
        break;
      case 5:
        entry.size_bytes = take_int64(message, where);
        break;
      case 6:
        expect_wire_type(message, pbf_wire_type::fixed32, where);
        entry.crc32c = message.get_fixed32();
        break;
      case 7:
        entry.slices.push_back(parse_slice(take_message(message, where), where));
        break;
      default:
        message.skip();
    }
  }
  entry.crc32c = unmask_crc(entry.crc32c);
  return entry;
}

}  // namespace

bundle_header parse_bundle_header(std::string_view bytes, const file_place& where) {
  return parse_record(bytes, where, [&](pbf_reader message) {
    bundle_header found;
    while (message.next()) {
      if (message.tag() == 1) {
        found.shard_count = take_int32(message, where);
      } else if (message.tag() == 2) {
        found.big_endian = take_int32(message, where) == 1;
      } else if (message.tag() == 3) {
        check_version(take_message(message, where), where);
      } else {
        message.skip();
      }
    }
    return found;
  });
}

bundle_entry parse_bundle_entry(std::string_view bytes, const file_place& where) {
  bundle_entry entry = parse_record(
      bytes, where, [&](pbf_reader message) { return parse_entry_fields(message, where); });
  for (const slice& one : entry.slices) {
    try {
      (void)one.within(entry.full_shape);
    } catch (const error& bad) {
      refuse_record(where, bad.what());
    }
  }
  return entry;
}

}  // namespace warmstart::detail
