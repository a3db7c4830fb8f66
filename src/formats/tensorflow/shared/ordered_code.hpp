#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/tensorflow/sstable/byte_reader.hpp"

namespace warmstart::detail {

// OrderedCode: encodings that sort like the encoded values (specification A2.1).

void append_ordered_string(std::string& to, std::string_view text);
void append_ordered_number(std::string& to, std::uint64_t value);
void append_ordered_signed(std::string& to, std::int64_t value);

// Decode from the front of `from`. Nothing if an encoding is cut off or does not fit into 64 bits.
// (Overlong encodings of small numbers are accepted.)

[[nodiscard]] std::optional<std::string> take_ordered_string(byte_reader& from);
[[nodiscard]] std::optional<std::uint64_t> take_ordered_number(byte_reader& from);
[[nodiscard]] std::optional<std::int64_t> take_ordered_signed(byte_reader& from);

}  // namespace warmstart::detail
