#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_problem.hpp"
#include "warmstart/dtype.hpp"

namespace warmstart::detail {

// A data record holds values in the TensorProto field for their dtype (specification A3, A1.5).

/// The TensorProto field for the elements of a dtype.
struct value_field {
  std::uint32_t number = 0;
  std::int64_t element_bytes = 0;  ///< 0: varints; else stored as in memory
};

/// Nothing for dtypes without a field in V1, and for strings.
[[nodiscard]] std::optional<value_field> value_field_of(dtype type) noexcept;
inline constexpr std::uint32_t STRING_FIELD = 8;

/// Decodes the elements of a data record, in any valid encoding, to their bytes in memory. Throws
/// `corrupt`.
[[nodiscard]] std::string decode_data_record(std::string_view record, dtype type,
                                             const file_place& where);
/// The elements of a data record of strings.
[[nodiscard]] std::vector<std::string> decode_string_record(std::string_view record,
                                                            const file_place& where);

/// Appends the decoded elements. Returns their number, or nothing if a varint is cut off or too
/// long.
[[nodiscard]] std::optional<std::int64_t> decode_varints(std::string_view varints, dtype type,
                                                         std::string& to);

}  // namespace warmstart::detail
