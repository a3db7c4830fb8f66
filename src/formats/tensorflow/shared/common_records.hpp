#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <string_view>

#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

// What TensorFlow's protobuf records have in common (specification A1.4). All throw `corrupt` for
// what does not fit, with `where` at the front. Fields that are not known are for the caller to
// skip.

inline constexpr int MAX_RANK = 254;

[[noreturn]] void refuse_record(const std::string& where, const std::string& why);

// The current field, if it has the wire type that it should have.

void expect_wire_type(const protozero::pbf_reader& message, protozero::pbf_wire_type type,
                      const std::string& where);
[[nodiscard]] std::int64_t take_int64(protozero::pbf_reader& message, const std::string& where);
[[nodiscard]] std::int32_t take_int32(protozero::pbf_reader& message, const std::string& where);
[[nodiscard]] std::string_view take_bytes(protozero::pbf_reader& message, const std::string& where);
[[nodiscard]] protozero::pbf_reader take_message(protozero::pbf_reader& message,
                                                 const std::string& where);

/// Refuses a VersionDef that rules this reader out, as `unsupported`.
void check_version(protozero::pbf_reader message, const std::string& where);
/// A TensorShapeProto.
[[nodiscard]] shape parse_shape(protozero::pbf_reader message, const std::string& where);
/// A TensorSliceProto, as spelled: within no shape yet.
[[nodiscard]] slice parse_slice(protozero::pbf_reader message, const std::string& where);

/// Calls `parse` with a reader of the bytes: whatever protozero finds wrong with them becomes one
/// of our errors.
template <class Parse>
auto parse_record(std::string_view bytes, const std::string& where, Parse parse) {
  try {
    return parse(protozero::pbf_reader(bytes.data(), bytes.size()));
  } catch (const protozero::exception& damage) {
    refuse_record(where, fmt::format("not a valid record: {}", damage.what()));
  }
}

}  // namespace warmstart::detail
