#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_problem.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

// The protobuf records of a bundle's index (specification A1.4). Unknown fields are ignored; other
// deviations throw `corrupt`, with `where` at the begin of the message.

/// The record of the empty key.
struct bundle_header {
  std::int32_t shard_count = 0;
  bool big_endian = false;
};

/// Throws `unsupported` if the version field excludes this reader.
[[nodiscard]] bundle_header parse_bundle_header(std::string_view bytes, const file_place& where);

/// The record of any other key.
struct bundle_entry {
  std::int64_t type_number = 0;
  shape full_shape;
  std::int32_t shard = 0;
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  std::uint32_t crc32c = 0;   ///< not masked
  std::vector<slice> slices;  ///< of a partitioned tensor, as stored; each lies within the shape
};

[[nodiscard]] bundle_entry parse_bundle_entry(std::string_view bytes, const file_place& where);

}  // namespace warmstart::detail
