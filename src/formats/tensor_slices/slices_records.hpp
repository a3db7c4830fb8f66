#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/dtype.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart {

// The protobuf records of a V1 checkpoint (specification A3):
//
//     ""         SavedTensorSlices { meta { tensors { name, shape, dtype, slices }, versions } }
//     slice key  SavedTensorSlices { data { name, slice, TensorProto { values } } }

/// What the empty key's record says of one tensor.
struct slices_meta {
  std::string name;
  shape full_shape;
  std::int64_t type_number = 0;
  std::vector<slice> slices;  ///< as spelled, each within the shape
};

/// Throws `corrupt`, and `unsupported` for versions that rule this reader out, with `where` at the
/// front.
[[nodiscard]] std::vector<slices_meta> parse_slices_meta(std::string_view bytes,
                                                         const std::string& where);

/// How a TensorProto holds the elements of a dtype.
struct value_field {
  std::uint32_t number = 0;
  std::int64_t element_bytes = 0;  ///< 0: varints; else little-endian numbers, as in memory
};

/// Nothing for what V1 has no field for, and for strings.
[[nodiscard]] std::optional<value_field> value_field_of(dtype type) noexcept;
inline constexpr std::uint32_t STRING_FIELD = 8;

/// Where the packed values are within a data record, and of which field.
struct packed_values {
  std::uint32_t field = 0;
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
};

/// Finds the values in a data record of `record_bytes`, of which `head` is the beginning, if they
/// are spelled as every writer does: packed, and nothing behind them.
[[nodiscard]] std::optional<packed_values> find_packed_values(std::string_view head,
                                                              std::int64_t record_bytes);

/// The elements of a data record, however they are spelled: as they are in memory. Throws
/// `corrupt`.
[[nodiscard]] std::string decode_data_record(std::string_view record, dtype type,
                                             const std::string& where);
/// The elements of one of strings.
[[nodiscard]] std::vector<std::string> decode_string_record(std::string_view record,
                                                            const std::string& where);

/// Appends the elements that varints stand for. Returns how many, or nothing if one is cut off or
/// too long.
[[nodiscard]] std::optional<std::int64_t> decode_varints(std::string_view varints, dtype type,
                                                         std::string& to);

}  // namespace warmstart
