#pragma once

// The contract of every backend. A program with backends includes this once and names them:
//
//     INSTANTIATE_TEST_SUITE_P(host, backend_contract, testing::Values("cpu:0"));

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "checksum/crc32c.hpp"
#include "checksum/crc32c_box.hpp"
#include "engine/backend.hpp"
#include "engine/host_copy.hpp"
#include "model/scatter_list.hpp"
#include "support/catalog_builder.hpp"
#include "warmstart/memory.hpp"

namespace warmstart::detail::test {

using bytes = std::vector<std::byte>;

inline bytes noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  bytes made(size);
  for (std::byte& b : made) b = std::byte(random());
  return made;
}

/// Memory of a row, with room around it to see what is written beside it.
class device_row {
 public:
  device_row(memory_resource& from, const device& where, std::size_t size)
      : from_(from), where_(where), size_(size), data_(from.allocate(size, where)) {}
  device_row(const device_row&) = delete;
  device_row& operator=(const device_row&) = delete;
  ~device_row() { from_.deallocate(data_, size_, where_); }

  [[nodiscard]] std::byte* data() const { return static_cast<std::byte*>(data_); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  memory_resource& from_;
  device where_;
  std::size_t size_;
  void* data_;
};

class backend_contract : public testing::TestWithParam<std::string> {
 protected:
  static constexpr std::size_t SLOT_BYTES = 128 * kibibyte;
  static constexpr std::size_t SLOTS = 2;

  backend_contract()
      : device(GetParam()),
        memory(default_memory_resource()),
        tested(make_backend(device)),
        staging(tested->allocate_staging(SLOTS * SLOT_BYTES)),
        mirrors(tested->allocate_mirrors(SLOTS * SLOT_BYTES)) {}

  std::span<std::byte> slot(std::size_t number = 0) const {
    return staging->bytes().subspan(number * SLOT_BYTES, SLOT_BYTES);
  }

  std::unique_ptr<device_row> make_row(std::size_t size) {
    return std::make_unique<device_row>(*memory, device, size);
  }
  /// Fills a row through a slot.
  void write(const device_row& row, const bytes& contents) {
    for (std::size_t at = 0; at < contents.size(); at += SLOT_BYTES) {
      const std::size_t size = std::min(SLOT_BYTES, contents.size() - at);
      std::memcpy(slot().data(), contents.data() + at, size);
      const copy_command run{.source = slot().data(),
                             .destination = row.data() + at,
                             .conversion = {.from = dtype::uint8, .to = dtype::uint8},
                             .run = static_cast<std::int64_t>(size)};
      tested->copy({.runs = std::span(&run, 1), .slot = slot()});
      tested->finish();
    }
  }
  bytes read(const device_row& row) {
    bytes contents(row.size());
    tested->read_back(row.data(), contents);
    return contents;
  }

  /// Scatters from a slot whose first `chunk_bytes` are the chunk, with or without a mirror.
  void scatter(std::span<const copy_command> commands, std::size_t chunk_bytes, bool mirrored,
               std::size_t number = 0) {
    scatter(*tested, commands, chunk_bytes, mirrored, number);
  }
  void scatter(backend& by, std::span<const copy_command> commands, std::size_t chunk_bytes,
               bool mirrored, std::size_t number = 0) {
    std::int64_t dimensions = 0;
    for (const auto& one : commands) dimensions += static_cast<std::int64_t>(one.dimensions.size());
    const auto list_bytes = static_cast<std::size_t>(
        scatter_list_bytes(static_cast<std::int64_t>(commands.size()), dimensions));
    const std::size_t list_begin = (chunk_bytes + 15) / 16 * 16;
    const span_range staged{.begin = 0, .end = static_cast<std::int64_t>(chunk_bytes)};
    by.copy(
        {.runs = {},
         .scattered = commands,
         .slot = slot(number),
         .mirror = mirrored ? mirrors->bytes().data() + number * SLOT_BYTES : nullptr,
         .staged = std::span(&staged, mirrored ? 1 : 0),
         .list = slot(number).subspan(list_begin, list_bytes),
         .list_copy = mirrors->bytes().data() + number * SLOT_BYTES + (mirrored ? list_begin : 0)});
  }

  /// The routes by which a chunk's bytes reach a row.
  enum class route { run, mirrored, mapped };
  static constexpr route ROUTES[] = {route::run, route::mirrored, route::mapped};
  static constexpr std::size_t ROUTED_BYTES = 6'000;

  /// Fills a slot with new bytes and has a backend take them to a row; does not wait.
  bytes send(backend& by, const device_row& row, route how, unsigned seed) {
    const bytes contents = noise(ROUTED_BYTES, seed);
    std::ranges::copy(contents, slot().begin());
    const box_dimension loop{.count = 60, .source_stride = 100, .destination_stride = 100};
    copy_command command{.source = slot().data(),
                         .destination = row.data(),
                         .conversion = {.from = dtype::float32, .to = dtype::float32},
                         .run = ROUTED_BYTES / 4};
    if (how == route::run) {
      by.copy({.runs = std::span(&command, 1), .slot = slot()});
    } else {
      command.run = 25;
      command.dimensions = std::span(&loop, 1);
      scatter(by, std::span(&command, 1), ROUTED_BYTES, how == route::mirrored);
    }
    return contents;
  }

  warmstart::device device;
  std::shared_ptr<memory_resource> memory;
  std::unique_ptr<backend> tested;
  std::unique_ptr<staging_memory> staging;
  std::unique_ptr<staging_memory> mirrors;
};

TEST_P(backend_contract, staging_is_aligned_to_pages_and_mirrors_to_256_bytes) {
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(staging->bytes().data()) % 4096, 0U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(mirrors->bytes().data()) % 256, 0U);
  EXPECT_EQ(staging->bytes().size(), SLOTS * SLOT_BYTES);
  EXPECT_EQ(tested->device(), device);
}

TEST_P(backend_contract, runs_arrive_at_any_address) {
  const auto row = make_row(1000);
  const bytes before = noise(1000, 1);
  write(*row, before);
  const bytes chunk = noise(700, 2);
  std::ranges::copy(chunk, slot().begin() + 13);
  const copy_command run{.source = slot().data() + 13,
                         .destination = row->data() + 57,
                         .conversion = {.from = dtype::int16, .to = dtype::int16},
                         .run = 350};
  tested->copy({.runs = std::span(&run, 1), .slot = slot()});
  tested->finish();
  bytes expected = before;
  std::ranges::copy(chunk, expected.begin() + 57);
  EXPECT_EQ(read(*row), expected);
}

/// A command on a slot and a row of `row_bytes`, and what it does to a copy of them on the host.
struct box_case {
  std::vector<box_dimension> dimensions;
  copy_command command;
  std::size_t row_bytes = 0;

  void run_on_host(bytes& row, const std::byte* device_row) const {
    copy_command on_host = command;
    on_host.destination = row.data() + (command.destination - device_row);
    copy_on_host(on_host);
  }
};

/// Loops of random counts and strides, none of them overlapping on either side.
inline box_case random_box(std::mt19937& random, const conversion& how) {
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  box_case made;
  const std::int64_t runs[] = {1, 2, pick(1, 40), pick(60, 700)};
  made.command.conversion = how;
  made.command.run = runs[pick(0, 3)];
  std::int64_t source = made.command.run * static_cast<std::int64_t>(size_of(how.from));
  std::int64_t destination = made.command.run * static_cast<std::int64_t>(size_of(how.to));
  for (std::int64_t rank = pick(0, 4); rank > 0; --rank) {
    const std::int64_t count = pick(2, 4);
    source += pick(0, 1) * pick(0, 33);
    destination += pick(0, 1) * pick(0, 17);
    if (count * source > 60'000 || count * destination > 60'000) break;
    made.dimensions.insert(
        made.dimensions.begin(),
        {.count = count, .source_stride = source, .destination_stride = destination});
    source *= count;
    destination *= count;
  }
  made.row_bytes = static_cast<std::size_t>(destination) + 64;
  return made;
}

TEST_P(backend_contract, boxes_of_any_shape_and_alignment_are_scattered) {
  std::mt19937 random(7);
  const dtype types[] = {dtype::uint8, dtype::float16, dtype::float32, dtype::complex64,
                         dtype::complex128};
  for (int round = 0; round < 60; ++round) {
    const dtype type = types[round % 5];
    const bool is_complex = type == dtype::complex64 || type == dtype::complex128;
    box_case one = random_box(random, {.from = type,
                                       .to = type,
                                       .swapped = round % 3 == 0,
                                       .conjugated = is_complex && round % 4 == 1,
                                       .negated = round % 7 == 2});
    const auto row = make_row(one.row_bytes);
    bytes expected = noise(one.row_bytes, static_cast<unsigned>(round));
    write(*row, expected);
    constexpr std::size_t CHUNK_BYTES = 100'000;
    std::ranges::copy(noise(CHUNK_BYTES, 99), slot().begin());
    // Aligned to the element in one round of four, anywhere in the others.
    const std::size_t odd = round % 4 == 0 ? 0 : random() % 37;
    one.command.source = slot().data() + odd;
    one.command.destination = row->data() + (round % 4 < 2 ? 0 : random() % 37);
    one.command.dimensions = one.dimensions;
    one.run_on_host(expected, row->data());
    scatter(std::span(&one.command, 1), CHUNK_BYTES, round % 2 == 0);
    tested->finish();
    ASSERT_EQ(read(*row), expected) << "round " << round;
  }
}

TEST_P(backend_contract, long_runs_are_scattered_from_and_to_any_alignment) {
  constexpr std::size_t CHUNK_BYTES = 6'000;
  for (const conversion how :
       {conversion{.from = dtype::uint8, .to = dtype::uint8},
        conversion{.from = dtype::bfloat16, .to = dtype::float32},
        conversion{.from = dtype::float32, .to = dtype::float32, .swapped = true},
        conversion{.from = dtype::complex128, .to = dtype::complex128, .swapped = true},
        conversion{.from = dtype::complex64, .to = dtype::complex64, .conjugated = true},
        conversion{.from = dtype::int16, .to = dtype::float32, .negated = true},
        conversion{.from = dtype::complex128,
        .to = dtype::complex128,
        .conjugated = true,
        .negated = true}}) {
    const std::size_t row_bytes = 48 * (5'000 / size_of(how.from) * size_of(how.to) + 64);
    const auto row = make_row(row_bytes);
    bytes expected = noise(row_bytes, 5);
    write(*row, expected);
    std::ranges::copy(noise(CHUNK_BYTES, 6), slot().begin());
    std::vector<copy_command> commands;
    std::size_t at = 0;
    for (std::size_t odd = 0; odd < 48; ++odd) {
      const std::size_t count = (4'900 + odd) / size_of(how.from);
      at += odd % 7;
      commands.push_back({.source = slot().data() + 3 * odd,
                          .destination = row->data() + at,
                          .conversion = how,
                          .run = static_cast<std::int64_t>(count)});
      copy_command on_host = commands.back();
      on_host.destination = expected.data() + at;
      copy_on_host(on_host);
      at += count * size_of(how.to);
    }
    ASSERT_LE(at, row_bytes);
    scatter(commands, CHUNK_BYTES, how.swapped);
    tested->finish();
    EXPECT_TRUE(read(*row) == expected) << name_of(how.from);
  }
}

TEST_P(backend_contract, pieces_of_very_different_sizes_share_one_call) {
  std::mt19937 random(11);
  constexpr std::size_t CHUNK_BYTES = 100'000;
  std::ranges::copy(noise(CHUNK_BYTES, 3), slot().begin());
  const auto row = make_row(110'000);
  bytes expected = noise(110'000, 4);
  write(*row, expected);
  std::vector<copy_command> commands;
  std::size_t at = 0;
  for (const int size : {1, 3, 70'000, 16, 17, 5'000, 1, 1, 255, 257, 8192, 8193}) {
    commands.push_back({.source = slot().data() + at,
                        .destination = row->data() + at + 5,
                        .conversion = {.from = dtype::int8, .to = dtype::int8},
                        .run = size});
    copy_command on_host = commands.back();
    on_host.destination = expected.data() + at + 5;
    copy_on_host(on_host);
    at += static_cast<std::size_t>(size) + random() % 3;
  }
  ASSERT_LE(at, CHUNK_BYTES);
  scatter(commands, CHUNK_BYTES, true);
  tested->finish();
  EXPECT_TRUE(read(*row) == expected);
}

/// Elements that are worth casting: every one of small types, else special and random ones.
inline bytes elements_to_cast(dtype type) {
  const std::size_t size = size_of(type);
  if (size == 1) {
    bytes all(256);
    for (std::size_t i = 0; i < 256; ++i) all[i] = std::byte(i);
    return all;
  }
  bytes made = noise(300 * size, static_cast<unsigned>(type));
  const auto add = [&](double value) {
    const conversion how{.from = dtype::float64, .to = type};
    made.resize(made.size() + size);
    copy_on_host({.source = reinterpret_cast<const std::byte*>(&value),
                  .destination = made.data() + made.size() - size,
                  .conversion = how,
                  .run = 1});
  };
  for (const double magnitude : {0.0,
                                 1.0,
                                 1.5,
                                 2.5,
                                 0.49999997,
                                 127.5,
                                 128.0,
                                 255.5,
                                 240.0,
                                 448.0,
                                 464.0,
                                 57344.0,
                                 61440.0,
                                 65504.0,
                                 65520.0,
                                 2147483647.5,
                                 4294967296.0,
                                 9.2233720368547758e18,
                                 1.8446744073709552e19,
                                 3.4e38,
                                 3.5e38,
                                 1e300,
                                 1e-45,
                                 1e-46,
                                 6e-8,
                                 2e-8,
                                 1.52587890625e-5,
                                 1e-310}) {
    add(magnitude);
    add(-magnitude);
  }
  add(std::numeric_limits<double>::infinity());
  add(-std::numeric_limits<double>::infinity());
  add(std::numeric_limits<double>::quiet_NaN());
  return made;
}

TEST_P(backend_contract, casts_have_the_same_bits_everywhere) {
  const dtype types[] = {dtype::float64,     dtype::float32,       dtype::float16, dtype::bfloat16,
                         dtype::float8_e5m2, dtype::float8_e4m3fn, dtype::int8,    dtype::int16,
                         dtype::int32,       dtype::int64,         dtype::uint8,   dtype::uint16,
                         dtype::uint32,      dtype::uint64,        dtype::boolean};
  for (const dtype from : types) {
    const bytes elements = elements_to_cast(from);
    const std::size_t count = elements.size() / size_of(from);
    std::ranges::copy(elements, slot().begin());
    const auto row = make_row(std::size(types) * count * 8);
    write(*row, bytes(row->size(), std::byte{0}));
    bytes expected(row->size(), std::byte{0});
    std::vector<copy_command> commands;
    std::size_t at = 0;
    for (const dtype to : types) {
      ASSERT_TRUE(can_cast(from, to));
      commands.push_back({.source = slot().data(),
                          .destination = row->data() + at,
                          .conversion = {.from = from, .to = to},
                          .run = static_cast<std::int64_t>(count)});
      copy_command on_host = commands.back();
      on_host.destination = expected.data() + at;
      copy_on_host(on_host);
      at += count * 8;
    }
    scatter(commands, elements.size(), false);
    tested->finish();
    const bytes found = read(*row);
    for (std::size_t i = 0; i < std::size(types); ++i) {
      const auto begin = static_cast<std::ptrdiff_t>(i * count * 8);
      const auto end = static_cast<std::ptrdiff_t>((i + 1) * count * 8);
      EXPECT_TRUE(std::equal(found.begin() + begin, found.begin() + end, expected.begin() + begin))
          << name_of(from) << " to " << name_of(types[i]);
    }
  }
}

TEST_P(backend_contract, swapped_elements_are_cast_after_the_swap) {
  constexpr std::size_t COUNT = 1000;
  std::ranges::copy(noise(COUNT * 8, 5), slot().begin());
  const auto row = make_row(COUNT * 8);
  for (const auto& [from, to] :
       {std::pair{dtype::float32, dtype::bfloat16}, std::pair{dtype::int64, dtype::float32},
        std::pair{dtype::uint16, dtype::float64}}) {
    bytes expected(row->size(), std::byte{1});
    write(*row, expected);
    const copy_command command{.source = slot().data(),
                               .destination = row->data(),
                               .conversion = {.from = from, .to = to, .swapped = true},
                               .run = COUNT};
    // `write` has used the slot.
    std::ranges::copy(noise(COUNT * 8, 5), slot().begin());
    copy_command on_host = command;
    on_host.destination = expected.data();
    copy_on_host(on_host);
    scatter(std::span(&command, 1), COUNT * size_of(from), true);
    tested->finish();
    EXPECT_TRUE(read(*row) == expected) << name_of(from) << " to " << name_of(to);
  }
}

// The heart of the engine: a slot is filled again as soon as its ticket is done, while kernels and
// copies of earlier chunks may still be under way.
TEST_P(backend_contract, slots_and_mirrors_are_reused_as_soon_as_tickets_are_done) {
  constexpr std::size_t CHUNKS = 12;
  constexpr std::size_t CHUNK_BYTES = 6'000;
  for (const bool mirrored : {true, false}) {
    const auto row = make_row(2 * CHUNKS * CHUNK_BYTES);
    bytes expected(row->size());
    std::vector<backend::ticket> tickets(SLOTS);
    std::vector<bool> used(SLOTS, false);
    for (std::size_t chunk = 0; chunk < CHUNKS; ++chunk) {
      const std::size_t number = chunk % SLOTS;
      while (used[number] && !tested->done(tickets[number])) {
      }
      const bytes contents = noise(CHUNK_BYTES, static_cast<unsigned>(chunk));
      std::ranges::copy(contents, slot(number).begin());
      const std::size_t at = 2 * chunk * CHUNK_BYTES;
      const box_dimension loop{.count = 60, .source_stride = 100, .destination_stride = 100};
      const copy_command strided{.source = slot(number).data(),
                                 .destination = row->data() + at,
                                 .conversion = {.from = dtype::float32, .to = dtype::float32},
                                 .run = 25,
                                 .dimensions = std::span(&loop, 1)};
      scatter(std::span(&strided, 1), CHUNK_BYTES, mirrored, number);
      const copy_command run{.source = slot(number).data(),
                             .destination = row->data() + at + CHUNK_BYTES,
                             .conversion = {.from = dtype::uint8, .to = dtype::uint8},
                             .run = CHUNK_BYTES};
      tested->copy({.runs = std::span(&run, 1), .slot = slot(number)});
      tickets[number] = tested->record();
      used[number] = true;
      for (const std::size_t twice : {at, at + CHUNK_BYTES}) {
        std::ranges::copy(contents, expected.begin() + static_cast<std::ptrdiff_t>(twice));
      }
    }
    tested->finish();
    EXPECT_TRUE(read(*row) == expected) << (mirrored ? "mirrored" : "from the slot");
  }
}

TEST_P(backend_contract, nothing_is_under_way_after_a_wait) {
  const auto row = make_row(ROUTED_BYTES);
  unsigned seed = 0;
  for (const route how : ROUTES) {
    for (const bool drained : {false, true}) {
      const bytes expected = send(*tested, *row, how, ++seed);
      if (drained) {
        tested->drain();
      } else {
        tested->finish();
      }
      std::ranges::fill(slot(), std::byte{0});
      EXPECT_TRUE(read(*row) == expected)
          << "route " << static_cast<int>(how) << ", drained " << drained;
    }
  }
}

TEST_P(backend_contract, answers_cover_all_earlier_commands) {
  const auto row = make_row(ROUTED_BYTES);
  unsigned seed = 0;
  for (const route how : ROUTES) {
    const bytes expected = send(*tested, *row, how, ++seed);
    EXPECT_TRUE(read(*row) == expected) << "route " << static_cast<int>(how);
    tested->finish();
    const std::uint32_t checksum = crc32c(send(*tested, *row, how, ++seed));
    const remainder_command command{.data = row->data(), .run_bytes = ROUTED_BYTES};
    std::uint32_t found = 0;
    tested->remainders(std::span(&command, 1), std::span(&found, 1));
    EXPECT_EQ(crc32c_finish(found, ROUTED_BYTES), checksum) << "route " << static_cast<int>(how);
    tested->finish();
  }
}

TEST_P(backend_contract, a_backend_is_destroyed_after_its_commands_are_done) {
  const auto row = make_row(ROUTED_BYTES);
  unsigned seed = 0;
  for (const route how : ROUTES) {
    auto gone = make_backend(device);
    const bytes expected = send(*gone, *row, how, ++seed);
    gone.reset();
    std::ranges::fill(slot(), std::byte{0});
    EXPECT_TRUE(read(*row) == expected) << "route " << static_cast<int>(how);
  }
}

TEST_P(backend_contract, fills_have_the_same_bits_everywhere) {
  using distribution = fill_spec::distribution;
  const shape full{7, 30, 11};
  const std::vector<slice> parts = {slice::all_of(full), box_of({{2, 3}, {0, 30}, {0, 11}}),
                                    box_of({{0, 7}, {4, 9}, {0, 11}}),
                                    box_of({{1, 5}, {3, 20}, {2, 7}})};
  const std::vector<std::pair<fill_spec, dtype>> cases = {
      {{distribution::constant, -3}, dtype::int8},
      {{distribution::constant, 1.5}, dtype::float16},
      {{distribution::constant, 2}, dtype::complex64},
      {{distribution::constant, 2}, dtype::complex128},
      {{distribution::constant, 0.1}, dtype::float32},
      {{distribution::constant, 0}, dtype::float64},
      {{distribution::constant, 1}, dtype::boolean},
      {{distribution::uniform, -1, 1, 42}, dtype::float32},
      {{distribution::uniform, -1, 1, 42}, dtype::float8_e4m3fn},
      {{distribution::uniform, -5, 1000, 42}, dtype::int64},
      {{distribution::uniform, 0, 200, 7}, dtype::uint8},
      {{distribution::normal, 1, 2, 1ULL << 40U}, dtype::float64},
      {{distribution::normal, 0, 0.02, 3}, dtype::bfloat16},
      {{distribution::truncated_normal, 0, 1, 9}, dtype::float32}};
  for (const auto& [spec, type] : cases) {
    ASSERT_TRUE(can_fill(spec, type));
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const auto count = static_cast<std::size_t>(parts[p].lengths().element_count());
      const std::size_t shift = p == 1 ? 3 : 0;  // caller's memory may be anywhere
      const auto row = make_row(count * size_of(type) + 8);
      bytes expected = noise(row->size(), 5);
      write(*row, expected);
      fill_elements(spec, type, full, parts[p], expected.data() + shift);
      tested->fill({.spec = spec,
                    .type = type,
                    .full_shape = &full,
                    .slice = &parts[p],
                    .destination = row->data() + shift});
      tested->finish();
      EXPECT_TRUE(read(*row) == expected) << name_of(type) << " part " << p;
    }
  }
}

TEST_P(backend_contract, fills_of_some_of_a_row_leave_the_rest_alone) {
  using distribution = fill_spec::distribution;
  const shape full{9, 30, 11};
  const slice held = box_of({{1, 8}, {3, 20}, {0, 11}});
  const std::vector<slice> parts = {held,
                                    box_of({{2, 3}, {3, 20}, {0, 11}}),
                                    box_of({{1, 8}, {4, 9}, {0, 11}}),
                                    box_of({{1, 8}, {3, 20}, {5, 1}}),
                                    box_of({{3, 5}, {7, 2}, {2, 7}}),
                                    box_of({{8, 1}, {5, 1}, {4, 1}})};
  const std::vector<std::pair<fill_spec, dtype>> cases = {
      {{distribution::constant, -3}, dtype::int8},
      {{distribution::constant, 1.5}, dtype::float16},
      {{distribution::constant, 0.1}, dtype::float32},
      {{distribution::constant, 0.1}, dtype::float64},
      {{distribution::constant, 2}, dtype::complex128},
      {{distribution::uniform, -1, 1, 42}, dtype::float32}};
  for (const auto& [spec, type] : cases) {
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const std::size_t shift = 3 * p % 7;  // caller's memory may be anywhere
      const auto row =
          make_row(static_cast<std::size_t>(held.lengths().element_count()) * size_of(type) + 8);
      bytes expected = noise(row->size(), 5);
      write(*row, expected);
      fill_elements(spec, type, full, parts[p], held, expected.data() + shift);
      tested->fill({.spec = spec,
                    .type = type,
                    .full_shape = &full,
                    .slice = &parts[p],
                    .row = &held,
                    .destination = row->data() + shift});
      tested->finish();
      EXPECT_TRUE(read(*row) == expected) << name_of(type) << " part " << p;
    }
  }
}

TEST_P(backend_contract, remainders_are_those_of_the_resident_bytes) {
  const auto row = make_row(150'000);
  const bytes contents = noise(150'000, 8);
  write(*row, contents);
  struct one_case {
    std::size_t offset;
    std::int64_t run_bytes;
    std::vector<box_dimension> dimensions;
    std::int64_t following;
  };
  // Strides: in the message, in the row.
  const std::vector<one_case> cases = {
      {0, 150'000, {}, 0},
      {3, 149'990, {}, 12'345'678'901},
      {0, 0, {}, 5},
      {17, 1, {}, 0},
      {1, 15, {}, 1},
      {2, 1023, {}, 0},
      {5, 1024, {}, 1LL << 45U},
      {0, 32 * kibibyte + 1, {}, 7},
      {1, 4, {{.count = 1000, .source_stride = 100, .destination_stride = 4}}, 99'996},
      {9,
       2000,
       {{.count = 3, .source_stride = 80'000, .destination_stride = 40'000},
        {.count = 9, .source_stride = 4000, .destination_stride = 2001}},
       1'000'000}};
  std::vector<remainder_command> commands;
  std::vector<std::uint32_t> expected;
  for (const one_case& one : cases) {
    commands.push_back({.data = row->data() + one.offset,
                        .run_bytes = one.run_bytes,
                        .dimensions = one.dimensions,
                        .following_bytes = one.following});
    expected.push_back(crc32c_box_remainder(contents.data() + one.offset, one.run_bytes,
                                            one.dimensions, one.following));
  }
  std::vector<std::uint32_t> found(commands.size(), 77);
  tested->remainders(commands, found);
  EXPECT_EQ(found, expected);
  EXPECT_EQ(crc32c_finish(found[0], 150'000), crc32c(contents));
}

TEST_P(backend_contract, draining_and_finishing_without_commands_succeeds) {
  tested->finish();
  tested->drain();
  const backend::ticket mark = tested->record();
  tested->finish();
  EXPECT_TRUE(tested->done(mark));
  tested->remainders({}, {});
  tested->copy({});
}

}  // namespace warmstart::detail::test
