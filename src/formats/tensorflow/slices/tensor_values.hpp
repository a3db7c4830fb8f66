#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/dtype.hpp"

namespace warmstart::detail {

// The values of a data record: a TensorProto's field for its dtype (specification A3, A1.5).

/// How a TensorProto holds the elements of a dtype.
struct value_field {
  std::uint32_t number = 0;
  std::int64_t element_bytes = 0;  ///< 0: varints; else little-endian numbers, as in memory
};

/// Nothing for what V1 has no field for, and for strings.
[[nodiscard]] std::optional<value_field> value_field_of(dtype type) noexcept;
inline constexpr std::uint32_t STRING_FIELD = 8;

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

}  // namespace warmstart::detail
