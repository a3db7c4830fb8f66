#include "formats/tensor_slices/slices_records.hpp"

#include <fmt/format.h>

#include <bit>
#include <functional>

#include "formats/table/byte_reader.hpp"
#include "formats/tensorflow/common_records.hpp"
#include "warmstart/error.hpp"

namespace warmstart {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

constexpr std::uint32_t META_FIELD = 1;
constexpr std::uint32_t DATA_FIELD = 2;
constexpr std::uint32_t TENSOR_FIELD = 3;  // of SavedSlice

slices_meta parse_tensor(pbf_reader message, const std::string& where) {
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

void parse_meta(pbf_reader message, const std::string& where, std::vector<slices_meta>& to) {
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

/// A field's length and tag, from the front of `from`; only of fields that have a length.
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

// Visits the TensorProtos of a data record.
void for_each_tensor(std::string_view record, const std::string& where,
                     const std::function<void(pbf_reader)>& visit) {
  parse_record(record, where, [&](pbf_reader outer) {
    while (outer.next(DATA_FIELD)) {
      pbf_reader data = take_message(outer, where);
      while (data.next(TENSOR_FIELD)) visit(take_message(data, where));
    }
  });
}

template <class Number>
void append(std::string& to, Number value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void append_element(std::string& to, dtype type, std::uint64_t value) {
  switch (size_of(type)) {
    case 1:
      append(to, static_cast<std::uint8_t>(type == dtype::boolean ? value != 0 : value));
      break;
    case 2:
      append(to, static_cast<std::uint16_t>(value));
      break;
    case 4:
      append(to, static_cast<std::uint32_t>(value));
      break;
    default:
      append(to, value);
  }
}

// One occurrence of the field: a run of packed values, or a single one.
void decode_values(pbf_reader& tensor, const value_field& field, dtype type,
                   const std::string& where, std::string& to) {
  const pbf_wire_type wire = tensor.wire_type();
  if (wire == pbf_wire_type::length_delimited) {
    const std::string_view packed = take_bytes(tensor, where);
    if (field.element_bytes != 0) {
      to += packed;
    } else if (!decode_varints(packed, type, to)) {
      refuse_record(where, "a value is cut off or overlong");
    }
  } else if (field.element_bytes == 0) {
    expect_wire_type(tensor, pbf_wire_type::varint, where);
    append_element(to, type, tensor.get_uint64());
  } else if (type == dtype::float32 || type == dtype::complex64) {
    expect_wire_type(tensor, pbf_wire_type::fixed32, where);
    append(to, tensor.get_fixed32());
  } else {
    expect_wire_type(tensor, pbf_wire_type::fixed64, where);
    append(to, tensor.get_fixed64());
  }
}

}  // namespace

std::vector<slices_meta> parse_slices_meta(std::string_view bytes, const std::string& where) {
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

std::optional<value_field> value_field_of(dtype type) noexcept {
  switch (type) {
    case dtype::float32:
      return value_field{.number = 5, .element_bytes = 4};
    case dtype::float64:
      return value_field{.number = 6, .element_bytes = 8};
    case dtype::complex64:
      return value_field{.number = 9, .element_bytes = 8};
    case dtype::complex128:
      return value_field{.number = 12, .element_bytes = 16};
    case dtype::int32:
    case dtype::uint8:
    case dtype::int16:
    case dtype::int8:
    case dtype::qint8:
    case dtype::quint8:
    case dtype::qint32:
    case dtype::uint16:
      return value_field{.number = 7};
    case dtype::int64:
      return value_field{.number = 10};
    case dtype::boolean:
      return value_field{.number = 11};
    case dtype::float16:
      return value_field{.number = 13};
    case dtype::uint32:
      return value_field{.number = 16};
    case dtype::uint64:
      return value_field{.number = 17};
    default:
      return std::nullopt;
  }
}

std::optional<packed_values> find_packed_values(std::string_view head, std::int64_t record_bytes) {
  byte_reader from(head);
  const auto left = [&] {
    return record_bytes - static_cast<std::int64_t>(head.size() - from.rest().size());
  };
  // Each level is the last field of the one around it, and so ends with the record.
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

std::string decode_data_record(std::string_view record, dtype type, const std::string& where) {
  const value_field field = *value_field_of(type);
  std::string elements;
  for_each_tensor(record, where, [&](pbf_reader tensor) {
    while (tensor.next()) {
      if (tensor.tag() == field.number) {
        decode_values(tensor, field, type, where, elements);
      } else {
        tensor.skip();
      }
    }
  });
  return elements;
}

std::vector<std::string> decode_string_record(std::string_view record, const std::string& where) {
  std::vector<std::string> strings;
  for_each_tensor(record, where, [&](pbf_reader tensor) {
    while (tensor.next(STRING_FIELD)) strings.emplace_back(take_bytes(tensor, where));
  });
  return strings;
}

std::optional<std::int64_t> decode_varints(std::string_view varints, dtype type, std::string& to) {
  std::int64_t count = 0;
  for (byte_reader from(varints); !from.at_end(); ++count) {
    const auto value = from.varint();
    if (!value) return std::nullopt;
    append_element(to, type, *value);
  }
  return count;
}

}  // namespace warmstart
