#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

// The protobuf records of a bundle's index (specification A1.4). Fields that are not known are
// ignored; everything else that does not fit throws `corrupt` with `where` at the front.

/// The value of the empty key.
struct bundle_header {
  std::int32_t shard_count = 0;
  bool big_endian = false;
};

/// Also refuses what the version field says cannot be read by this reader, as `unsupported`.
[[nodiscard]] bundle_header parse_bundle_header(std::string_view bytes, const std::string& where);

/// The value of any other key.
struct bundle_entry {
  std::int64_t type_number = 0;
  shape full_shape;
  std::int32_t shard = 0;
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  std::uint32_t crc32c = 0;  ///< not masked
  std::vector<slice>
      slices;  ///< as spelled, each within the shape; not empty: a partitioned tensor
};

[[nodiscard]] bundle_entry parse_bundle_entry(std::string_view bytes, const std::string& where);

}  // namespace warmstart::detail
