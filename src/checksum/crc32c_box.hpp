#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/box.hpp"

namespace warmstart::detail {

/// The contribution of strided runs to the CRC32C of a message: the sum of the runs' partial CRCs,
/// each advanced over the bytes of the message that follow the run.
///
/// Run `index` is at `data` + index · destination_stride in memory, and index · source_stride after
/// the first run in the message. `following_bytes` bytes of the message follow the first run.
/// Strides are in bytes; positions in the message ascend with the index.
[[nodiscard]] std::uint32_t crc32c_box_remainder(const std::byte* data, std::int64_t run_bytes,
                                                 std::span<const box_dimension> dimensions,
                                                 std::int64_t following_bytes) noexcept;

}  // namespace warmstart::detail
