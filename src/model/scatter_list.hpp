#pragma once

#include <cstdint>

#include "base/units.hpp"
#include "tensor/box.hpp"
#include "warmstart/dtype.hpp"

namespace warmstart::detail {

// The scattered copies of a chunk in the layout that the kernel reads: all pieces, then the loops
// of all pieces with strides in bytes. The list is uploaded with the chunk and occupies part of its
// slot.

struct scatter_piece {
  std::uint64_t source = 0;           ///< address
  std::uint64_t destination = 0;      ///< address
  std::int64_t run = 0;               ///< elements
  std::int64_t elements = 0;          ///< elements of all runs
  std::uint32_t first_unit = 0;       ///< number of work units of all previous pieces
  std::uint32_t first_dimension = 0;  ///< index of its first loop
  std::uint16_t dimension_count = 0;
  dtype from = dtype::invalid;
  dtype to = dtype::invalid;
  bool swapped = false;
  bool conjugated = false;
  bool negated = false;
};

/// Elements per work unit of a warp: as many as fit in `scatter_unit_bytes`, at the larger of their
/// two sizes.
inline constexpr std::int64_t scatter_unit_bytes = 8 * kibibyte;
[[nodiscard]] constexpr std::int64_t scatter_unit_elements(std::size_t element_bytes) noexcept {
  return scatter_unit_bytes / static_cast<std::int64_t>(element_bytes);
}

/// Alignment of the list's start, in bytes.
inline constexpr std::int64_t scatter_list_alignment = 16;

[[nodiscard]] constexpr std::int64_t scatter_list_bytes(std::int64_t pieces,
                                                        std::int64_t dimensions) noexcept {
  const std::int64_t bytes = pieces * static_cast<std::int64_t>(sizeof(scatter_piece)) +
                             dimensions * static_cast<std::int64_t>(sizeof(box_dimension));
  return (bytes + scatter_list_alignment - 1) / scatter_list_alignment * scatter_list_alignment;
}

}  // namespace warmstart::detail
