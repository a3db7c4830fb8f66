#include "checksum/crc32c_box.hpp"

#include "checksum/crc32c.hpp"

namespace warmstart::detail {
namespace {

// The partial CRC of the message from the first byte of the first run to the last byte of the last
// run, with zeros between the runs, by Horner's rule in each loop.
std::uint32_t block_remainder(const std::byte* data, std::int64_t run_bytes,
                              std::span<const box_dimension> dimensions) noexcept {
  if (dimensions.empty()) {
    return crc32c_remainder({data, static_cast<std::size_t>(run_bytes)});
  }
  const box_dimension& outer = dimensions.front();
  const crc32c_shift step(outer.source_stride);
  std::uint32_t sum = 0;
  for (std::int64_t i = 0; i < outer.count; ++i) {
    sum = step(sum) ^
          block_remainder(data + i * outer.destination_stride, run_bytes, dimensions.subspan(1));
  }
  return sum;
}

}  // namespace

std::uint32_t crc32c_box_remainder(const std::byte* data, std::int64_t run_bytes,
                                   std::span<const box_dimension> dimensions,
                                   std::int64_t following_bytes) noexcept {
  for (const box_dimension& d : dimensions) following_bytes -= (d.count - 1) * d.source_stride;
  return crc32c_advance(block_remainder(data, run_bytes, dimensions), following_bytes);
}

}  // namespace warmstart::detail
