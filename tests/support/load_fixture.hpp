#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "checksum/crc32c.hpp"
#include "engine/load_engine.hpp"
#include "support/catalog_builder.hpp"
#include "support/memory_files.hpp"
#include "support/plan_of.hpp"

namespace warmstart::detail::test {

/// A load with everything in memory: a catalog of consecutive tensors, rows, an engine.
class load_fixture {
 public:
  explicit load_fixture(std::size_t threads = 2) : engine(threads) {}

  /// Fills the file with noise and sets the catalog's checksums to match.
  void store() {
    catalog& made = source.get();
    std::int64_t size = 0;
    for (const extent& e : made.extents) size = std::max(size, e.offset_bytes + e.size_bytes);
    std::vector<std::byte> bytes(static_cast<std::size_t>(size));
    std::uint32_t noise = 12345;
    for (std::byte& b : bytes) b = std::byte((noise = noise * 1664525U + 1013904223U) >> 24U);
    for (extent& e : made.extents) {
      e.checksum.value = crc32c(std::span(bytes).subspan(static_cast<std::size_t>(e.offset_bytes),
                                                         static_cast<std::size_t>(e.size_bytes)));
    }
    files.put("data", std::move(bytes));
    made.files[0].identity = files.identify("data");
  }

  transfer_plan plan(const std::vector<std::uint32_t>& tensors) const {
    return plan_of(rows, source.get(), tensors, options);
  }

  load_result load(const transfer_plan& planned) {
    memory.clear();
    row_bytes.clear();
    std::vector<std::byte*> addresses;
    for (const variable_info& row : rows.get()) {
      memory.emplace_back(static_cast<std::size_t>(row.size_bytes()), std::byte{0xCB});
      row_bytes.push_back(row.size_bytes());
    }
    for (auto& row : memory) addresses.push_back(row.data());
    load_result result;
    engine.on_driver([&] {
      std::vector<backend*> backends;
      for (const variable_info& row : rows.get()) {
        backends.push_back(&engine.backend_of(row.placed_on));
      }
      engine.begin_trace(traced);
      engine.begin_after(streams);
      result = engine.load({.plan = &planned,
                            .files = &files,
                            .mode = options.direct_reads ? read_mode::direct : mode,
                            .addresses = addresses,
                            .backends = backends,
                            .row_bytes = row_bytes,
                            .streams = streams,
                            .stop = stop.get_token(),
                            .progress = progress,
                            .checksums = checksums});
      if (traced) trace = engine.end_trace(planned);
    });
    return result;
  }

  /// The bytes that row `i` should have, for a row-slice of a tensor stored as one extent.
  std::vector<std::byte> expected_rows(std::size_t i, std::uint32_t tensor) {
    const extent& e = source.get().extents[source.get().tensors[tensor].pieces[0].extent];
    const slice& where = rows.get()[i].slice;
    const std::int64_t per_row = e.size_bytes / rows.get()[i].full_shape[0];
    const auto begin = files.contents("data").begin() + e.offset_bytes + where[0].start * per_row;
    return {begin, begin + where[0].length * per_row};
  }

  catalog_builder source;
  rows_builder rows;
  memory_files files;
  plan_options options;
  std::vector<caller_stream> streams;
  load_engine engine;
  std::vector<std::vector<std::byte>> memory;
  std::vector<std::int64_t> row_bytes;
  std::stop_source stop;
  std::function<void(std::int64_t, std::int64_t)> progress;
  read_mode mode = read_mode::buffered;  ///< where the plan is not for direct reads
  checksum_use checksums = checksum_use::compare;
  bool traced = false;
  load_trace trace;
};

/// Several tensors over many chunks, one of them cut into parts.
inline void make_large(load_fixture& it, const device& where) {
  it.options.chunk_bytes = min_chunk_bytes;
  it.options.budget_bytes = 3 * 2 * (min_chunk_bytes + 4 * kibibyte);  // three slots with mirrors
  it.source.tensor("a", dtype::float32, {300, 200})
      .tensor("b", dtype::uint8, {333'333})
      .tensor("c", dtype::float64, {40'000});
  std::vector<slice> parts;
  for (std::int64_t i = 0; i < 3; ++i) parts.push_back(box_of({{i * 100, 100}, {0, 200}}));
  it.rows.variable("a", dtype::float32, {300, 200}, parts, where)
      .variable("b", dtype::uint8, {333'333}, {}, where)
      .variable("c", dtype::float64, {40'000}, {}, where);
  it.store();
}
inline const std::vector<std::uint32_t> LARGE = {0, 0, 0, 1, 2};

inline void expect_large(load_fixture& it) {
  for (std::size_t i = 0; i < LARGE.size(); ++i) {
    EXPECT_TRUE(it.memory[i] == it.expected_rows(i, LARGE[i])) << it.rows.get()[i].name;
  }
}

}  // namespace warmstart::detail::test
