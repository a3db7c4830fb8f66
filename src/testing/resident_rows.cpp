#include "testing/resident_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/units.hpp"
#include "testing/with_backend.hpp"
#include "warmstart/error.hpp"

namespace warmstart::testkit {

using namespace detail;

namespace {

constexpr std::size_t PIECE_BYTES = mebibyte;  // whole elements of any size

[[noreturn]] void refuse(const resident_tensor& memory, const std::string& why) {
  const std::string name = memory.name.empty() ? "memory" : memory.name;
  throw error({.code = error_code::invalid_argument,
               .message = name + " on " + to_string(memory.device) + ' ' + why,
               .variable = memory.name,
               .tensor = {}});
}

}  // namespace

resident_tensor resident(const variable& v, std::size_t replica) {
  return {.data = v.data(replica),
          .type = v.type(),
          .shape = v.shape(),
          .device = v.devices().at(replica),
          .name = v.name()};
}

std::string to_string(const element_place& place) {
  std::string index;
  for (const std::int64_t at : place.index) {
    index += (index.empty() ? "" : ",") + std::to_string(at);
  }
  return fmt::format("[{}]{} on {}", index, place.name.empty() ? "" : " of " + place.name,
                     to_string(place.device));
}

std::vector<resident_row> rows_of(const variable& v) {
  std::vector<resident_row> rows;
  for (const variable& part : v.parts()) {
    for (std::size_t replica = 0; replica < part.devices().size(); ++replica) {
      rows.push_back({.memory = resident(part, replica), .slice = part.info().slice});
    }
  }
  return rows;
}

resident_row row_of(const resident_tensor& memory) {
  return {.memory = memory, .slice = slice::all_of(memory.shape)};
}

std::span<std::byte> bytes_of(const resident_tensor& memory) {
  const std::size_t element_bytes = size_of(memory.type);
  if (element_bytes == 0) refuse(memory, "has elements without a fixed size");
  std::size_t size_bytes = 0;
  if (__builtin_mul_overflow(memory.shape.element_count(), element_bytes, &size_bytes)) {
    refuse(memory, "is larger than memory can be");
  }
  if (memory.data == nullptr && size_bytes != 0) refuse(memory, "has no address");
  return {static_cast<std::byte*>(memory.data), size_bytes};
}

void for_each_piece(
    const resident_tensor& memory,
    const std::function<void(std::span<const std::byte> piece, std::int64_t first)>& visit) {
  const std::span<const std::byte> all = bytes_of(memory);
  std::vector<std::byte> buffer(std::min(all.size(), PIECE_BYTES));
  with_backend(memory, [&](backend& from) {
    for (std::size_t at = 0; at < all.size(); at += PIECE_BYTES) {
      const std::span piece(buffer.data(), std::min(all.size() - at, PIECE_BYTES));
      from.read_back(all.data() + at, piece);
      visit(piece, static_cast<std::int64_t>(at / size_of(memory.type)));
    }
  });
}

element_place place_of(const resident_row& row, std::int64_t element) {
  const shape& of = row.memory.shape;
  std::vector<std::int64_t> index(static_cast<std::size_t>(of.rank()));
  for (int d = of.rank() - 1; d >= 0; --d) {
    index[static_cast<std::size_t>(d)] = row.slice[d].start + element % of[d];
    element /= of[d];
  }
  return {.index = std::move(index), .name = row.memory.name, .device = row.memory.device};
}

}  // namespace warmstart::testkit
