#include "formats/tensorflow/slices/tensor_values.hpp"

#include <functional>

#include "formats/tensorflow/shared/common_records.hpp"
#include "formats/tensorflow/slices/slices_records.hpp"
#include "formats/tensorflow/sstable/byte_reader.hpp"

namespace warmstart::detail {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

// Visits the TensorProtos of a data record.
void for_each_tensor(std::string_view record, const file_place& where,
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

// Decodes one occurrence of the field: packed values, or a single value.
void decode_values(pbf_reader& tensor, const value_field& field, dtype type,
                   const file_place& where, std::string& to) {
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

std::string decode_data_record(std::string_view record, dtype type, const file_place& where) {
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

std::vector<std::string> decode_string_record(std::string_view record, const file_place& where) {
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

}  // namespace warmstart::detail
