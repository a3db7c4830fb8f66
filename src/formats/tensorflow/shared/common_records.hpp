#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <string_view>

#include "base/file_problem.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

// Common parts of TensorFlow's protobuf records (specification A1.4). All functions throw `corrupt`
// for invalid records, with `where` at the begin of the message. Callers skip unknown fields.

inline constexpr int MAX_RANK = 254;

[[noreturn]] void refuse_record(const file_place& where, const std::string& why);

// These take the current field, and refuse a wrong wire type.

void expect_wire_type(const protozero::pbf_reader& message, protozero::pbf_wire_type type,
                      const file_place& where);
[[nodiscard]] std::int64_t take_int64(protozero::pbf_reader& message, const file_place& where);
[[nodiscard]] std::int32_t take_int32(protozero::pbf_reader& message, const file_place& where);
[[nodiscard]] std::string_view take_bytes(protozero::pbf_reader& message, const file_place& where);
[[nodiscard]] protozero::pbf_reader take_message(protozero::pbf_reader& message,
                                                 const file_place& where);

/// Throws `unsupported` if a VersionDef excludes this reader.
void check_version(protozero::pbf_reader message, const file_place& where);
/// Parses a TensorShapeProto.
[[nodiscard]] shape parse_shape(protozero::pbf_reader message, const file_place& where);
/// Parses a TensorSliceProto; the caller checks that it lies within a shape.
[[nodiscard]] slice parse_slice(protozero::pbf_reader message, const file_place& where);

/// Calls `parse` with a reader of the bytes, and turns protozero's exceptions into `corrupt`.
template <class Parse>
auto parse_record(std::string_view bytes, const file_place& where, Parse parse) {
  try {
    return parse(protozero::pbf_reader(bytes.data(), bytes.size()));
  } catch (const protozero::exception& damage) {
    refuse_record(where, fmt::format("not a valid record: {}", damage.what()));
  }
}

}  // namespace warmstart::detail
