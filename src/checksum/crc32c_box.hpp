#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/box.hpp"

namespace warmstart::detail {

/// What strided runs contribute to the CRC32C of a message: the sum of the runs' remainders, each
/// advanced over the bytes of the message that follow it.
///
/// Run `index` lies at `data` + index · destination_stride, and in the message source_stride ·
/// index after the first one, which `following_bytes` of the message follow. Strides in bytes;
/// positions in the message ascend with the index.
[[nodiscard]] std::uint32_t crc32c_box_remainder(const std::byte* data, std::int64_t run_bytes,
                                                 std::span<const box_dimension> dimensions,
                                                 std::int64_t following_bytes) noexcept;

}  // namespace warmstart::detail
