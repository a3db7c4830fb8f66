#include "warmstart/testing/poison.hpp"

#include <fmt/format.h>

#include <array>
#include <span>
#include <utility>

#include "testing/memory_source.hpp"
#include "testing/resident_rows.hpp"
#include "testing/with_backend.hpp"

namespace warmstart::testkit {

using namespace detail;

namespace {

constexpr double PATTERN = 0x7ff4;
constexpr std::array PATTERN_BYTES = {std::byte{0xf4}, std::byte{0x7f}};

void fill(backend& on, dtype type, double value, std::size_t count, std::byte* destination) {
  const shape of{static_cast<std::int64_t>(count)};
  const slice all = slice::all_of(of);
  on.fill({.spec = {.kind = fill_spec::distribution::constant, .a = value},
           .type = type,
           .full_shape = &of,
           .slice = &all,
           .destination = destination});
}

void fill_with_poison(backend& on, std::span<std::byte> memory) {
  fill(on, dtype::uint16, PATTERN, memory.size() / 2, memory.data());
  if (memory.size() % 2 != 0) {
    fill(on, dtype::uint8, std::to_integer<int>(PATTERN_BYTES[0]), 1, &memory.back());
  }
}

bool is_poison(std::span<const std::byte> piece, std::size_t at, std::size_t size) {
  for (std::size_t i = at; i < at + size; ++i) {
    if (piece[i] != PATTERN_BYTES[i % 2]) return false;
  }
  return true;
}

unwritten_elements find_unwritten(const std::vector<resident_row>& rows, const std::string& name) {
  unwritten_elements result;
  for (const resident_row& row : rows) {
    const std::size_t size = size_of(row.memory.type);
    for_each_piece(row.memory, [&](std::span<const std::byte> piece, std::int64_t first) {
      for (std::size_t at = 0; at < piece.size(); at += size) {
        if (!is_poison(piece, at, size) || result.unwritten++ != 0) continue;
        result.first = place_of(row, first + static_cast<std::int64_t>(at / size));
      }
    });
    result.elements += row.memory.shape.element_count();
  }
  if (result.unwritten == 0) return result;
  result.passed = false;
  result.message = fmt::format("{}: {} of {} elements were never written, the first is {}",
                               name.empty() ? "the memory" : name, result.unwritten,
                               result.elements, to_string(*result.first));
  return result;
}

}  // namespace

void poison(const resident_tensor& memory) {
  const std::span<std::byte> bytes = bytes_of(memory);
  with_backend(memory, [&](backend& on) { fill_with_poison(on, bytes); });
}
void poison(const variable& v) {
  for (const resident_row& row : rows_of(v)) poison(row.memory);
}

unwritten_elements all_written(const resident_tensor& memory) {
  return find_unwritten({row_of(memory)}, memory.name);
}
unwritten_elements all_written(const variable& v) {
  return find_unwritten(rows_of(v), v.name());
}

poisoning_memory::poisoning_memory(std::shared_ptr<memory_resource> source)
    : source_(required_source(std::move(source))) {}

void* poisoning_memory::allocate(std::size_t size_bytes, const device& device) {
  const std::scoped_lock lock(mutex_);
  void* const data = source_->allocate(size_bytes, device);
  try {
    with_backend(device, [&](backend& on) {
      fill_with_poison(on, {static_cast<std::byte*>(data), size_bytes});
    });
  } catch (...) {
    source_->deallocate(data, size_bytes, device);
    throw;
  }
  return data;
}

void poisoning_memory::deallocate(void* data, std::size_t size_bytes,
                                  const device& device) noexcept {
  const std::scoped_lock lock(mutex_);
  source_->deallocate(data, size_bytes, device);
}

}  // namespace warmstart::testkit
