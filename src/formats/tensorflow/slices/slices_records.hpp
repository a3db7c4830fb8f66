#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_problem.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

// The protobuf records of a V1 checkpoint (specification A3):
//
//     ""         SavedTensorSlices { meta { tensors { name, shape, dtype, slices }, versions } }
//     slice key  SavedTensorSlices { data { name, slice, TensorProto { values } } }

inline constexpr std::uint32_t META_FIELD = 1;    // of SavedTensorSlices
inline constexpr std::uint32_t DATA_FIELD = 2;    // of SavedTensorSlices
inline constexpr std::uint32_t TENSOR_FIELD = 3;  // of data

/// A tensor in the record of the empty key.
struct slices_meta {
  std::string name;
  shape full_shape;
  std::int64_t type_number = 0;
  std::vector<slice> slices;  ///< as stored; each lies within the shape
};

/// Parses the record of the empty key. Throws `corrupt`, and `unsupported` for versions that
/// exclude this reader; `where` begins the message.
[[nodiscard]] std::vector<slices_meta> parse_slices_meta(std::string_view bytes,
                                                         const file_place& where);

/// The field with the packed values in a data record, and its byte range.
struct packed_values {
  std::uint32_t field = 0;
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
};

/// Finds the values in a data record of `record_bytes` that begins with `head`. Nothing unless the
/// values are packed and end the record, as all writers store them.
[[nodiscard]] std::optional<packed_values> find_packed_values(std::string_view head,
                                                              std::int64_t record_bytes);

}  // namespace warmstart::detail
