#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/load_request.hpp"
#include "model/catalog.hpp"
#include "warmstart/checkpoint.hpp"

namespace warmstart::detail {

/// Reads slices of a readable tensor to `destinations`. The slices are explicit and lie within the
/// tensor's shape. Throws what the engine throws.
void read_slices(const catalog& in, const catalog_tensor& tensor, std::span<const slice> wanted,
                 std::span<std::byte* const> destinations, const read_options& options);

/// The result of reading and checking all readable tensors of a catalog.
struct catalog_check {
  std::int64_t bytes_read = 0;
  std::int64_t bytes_unchecked = 0;  ///< read without a checksum
  std::vector<problem> damage;
};
[[nodiscard]] catalog_check check_catalog(const catalog& in, const read_options& options);

/// Computes the CRC32C of every extent of a catalog whose format has no checksums.
[[nodiscard]] std::vector<std::uint32_t> compute_crc32c(const catalog& of,
                                                        const read_options& options);

}  // namespace warmstart::detail
