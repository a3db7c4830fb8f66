#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/backend.hpp"
#include "warmstart/slice.hpp"
#include "warmstart/testing/resident.hpp"

namespace warmstart::testkit {

/// Memory, and where its elements lie in a whole of which it may be a part.
struct resident_row {
  resident_tensor memory;
  slice where;  ///< explicit
};

/// Every replica of every part. Throws `invalid_argument` if there is no memory.
[[nodiscard]] std::vector<resident_row> rows_of(const variable& v);

/// Memory that is a whole by itself.
[[nodiscard]] resident_row row_of(const resident_tensor& memory);

/// The bytes of a tensor. Throws `invalid_argument` if there cannot be such memory.
[[nodiscard]] std::span<std::byte> bytes_of(const resident_tensor& memory);

/// A backend that begins after what `memory.stream` holds. Throws `device`.
[[nodiscard]] std::unique_ptr<detail::backend> backend_for(const resident_tensor& memory);

/// Calls `visit(piece, first)` with the memory's elements, from `first` on, on the host. Throws as
/// the two above.
void for_each_piece(
    const resident_tensor& memory,
    const std::function<void(std::span<const std::byte> piece, std::int64_t first)>& visit);

[[nodiscard]] element_place place_of(const resident_row& row, std::int64_t element);

}  // namespace warmstart::testkit
