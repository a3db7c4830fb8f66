#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "warmstart/slice.hpp"
#include "warmstart/testing/resident.hpp"

namespace warmstart::testkit {

/// Memory, and the slice that it holds of a whole variable.
struct resident_row {
  resident_tensor memory;
  warmstart::slice slice;  ///< explicit
};

/// All replicas of all parts. Throws `invalid_argument` if no memory has been allocated.
[[nodiscard]] std::vector<resident_row> rows_of(const variable& v);

/// A row for memory that is not a part of anything.
[[nodiscard]] resident_row row_of(const resident_tensor& memory);

/// The bytes of a tensor. Throws `invalid_argument` for a size or address that cannot be valid.
[[nodiscard]] std::span<std::byte> bytes_of(const resident_tensor& memory);

/// Copies the elements to the host in pieces. Calls `visit(piece, first)`, where `first` is the
/// index of the piece's first element. Throws what `bytes_of` and
/// `with_backend` throw.
void for_each_piece(
    const resident_tensor& memory,
    const std::function<void(std::span<const std::byte> piece, std::int64_t first)>& visit);

[[nodiscard]] element_place place_of(const resident_row& row, std::int64_t element);

}  // namespace warmstart::testkit
