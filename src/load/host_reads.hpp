#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/load_request.hpp"
#include "model/catalog.hpp"
#include "warmstart/checkpoint.hpp"

namespace warmstart::detail {

/// Reads slices of a readable tensor, explicit and within its shape, to `destinations`. Throws what
/// the engine throws.
void read_slices(const catalog& in, const catalog_tensor& tensor, std::span<const slice> wanted,
                 std::span<std::byte* const> destinations, const read_options& options);

/// What reading all of a catalog's readable tensors found.
struct catalog_verification {
  std::int64_t bytes_read = 0;
  std::int64_t bytes_unchecked = 0;  ///< of them
  std::vector<problem> damage;
};
[[nodiscard]] catalog_verification verify_catalog(const catalog& in, const read_options& options);

/// The CRC32C of every extent of a catalog whose format has no checksums, by extent.
[[nodiscard]] std::vector<std::uint32_t> compute_crc32c(const catalog& of,
                                                        const read_options& options);

}  // namespace warmstart::detail
