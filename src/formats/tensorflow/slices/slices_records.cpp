#include "formats/tensorflow/slices/slices_records.hpp"

#include <fmt/format.h>

#include "formats/tensorflow/shared/common_records.hpp"
#include "formats/tensorflow/sstable/byte_reader.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

slices_meta parse_tensor(pbf_reader message, const file_place& where) {
  slices_meta made;
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        made.name = take_bytes(message, where);
        break;
      case 2:
        made.full_shape = parse_shape(take_message(message, where), where);
        break;
      case 3:
        made.type_number = take_int64(message, where);
        break;
      case 4:
        made.slices.push_back(parse_slice(take_message(message, where), where));
        break;
      default:
        message.skip();
    }
  }
  for (const slice& one : made.slices) {
    try {
      (void)one.within(made.full_shape);
    } catch (const error& bad) {
      refuse_record(where, fmt::format("tensor {}: {}", made.name, bad.what()));
    }
  }
  return made;
}

void parse_meta(pbf_reader message, const file_place& where, std::vector<slices_meta>& to) {
  while (message.next()) {
    if (message.tag() == 1) {
      to.push_back(parse_tensor(take_message(message, where), where));
    } else if (message.tag() == 2) {
      check_version(take_message(message, where), where);
    } else {
      message.skip();
    }
  }
}

/// The number and size of a length-delimited field.
struct delimited_field {
  std::uint32_t number = 0;
  std::int64_t size_bytes = 0;
};

std::optional<delimited_field> take_delimited(byte_reader& from) {
  const auto tag = from.varint32();
  if (!tag || (*tag & 7U) != static_cast<std::uint64_t>(pbf_wire_type::length_delimited)) {
    return std::nullopt;
  }
  const auto size = from.varint32();
  if (!size) return std::nullopt;
  return delimited_field{.number = static_cast<std::uint32_t>(*tag >> 3U),
                         .size_bytes = static_cast<std::int64_t>(*size)};
}

}  // namespace

std::vector<slices_meta> parse_slices_meta(std::string_view bytes, const file_place& where) {
  std::vector<slices_meta> tensors;
  parse_record(bytes, where, [&](pbf_reader message) {
    bool found = false;
    while (message.next()) {
      if (message.tag() == META_FIELD) {
        found = true;
        parse_meta(take_message(message, where), where, tensors);
      } else {
        message.skip();
      }
    }
    if (!found) refuse_record(where, "it lists no tensor slices");
  });
  return tensors;
}

std::optional<packed_values> find_packed_values(std::string_view head, std::int64_t record_bytes) {
  byte_reader from(head);
  const auto left = [&] {
    return record_bytes - static_cast<std::int64_t>(head.size() - from.rest().size());
  };
  // Each level is the last field of its parent, so all levels end with the record.
  const auto data = take_delimited(from);
  if (!data || data->number != DATA_FIELD || data->size_bytes != left()) return std::nullopt;
  auto tensor = take_delimited(from);
  while (tensor && tensor->number < TENSOR_FIELD) {  // name and slice
    if (!from.bytes(static_cast<std::uint64_t>(tensor->size_bytes))) return std::nullopt;
    tensor = take_delimited(from);
  }
  if (!tensor || tensor->number != TENSOR_FIELD || tensor->size_bytes != left()) {
    return std::nullopt;
  }
  const auto values = take_delimited(from);
  if (!values || values->size_bytes != left()) return std::nullopt;
  return packed_values{.field = values->number,
                       .offset_bytes = record_bytes - left(),
                       .size_bytes = values->size_bytes};
}

}  // namespace warmstart::detail
