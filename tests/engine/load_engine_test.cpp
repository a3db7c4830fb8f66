#include "engine/load_engine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

#include "checksum/crc32.hpp"
#include "support/load_fixture.hpp"
#include "support/process_state.hpp"
#include "support/scripted_backend.hpp"

namespace warmstart::detail {
namespace {

using test::box_of;
using test::catalog_builder;
using test::expect_large;
using test::LARGE;
using test::load_fixture;
using test::make_large;
using test::memory_files;
using test::scripted_backend;

TEST(load_engine, host_rows_get_their_bytes_in_one_pass) {
  load_fixture it;
  make_large(it, device::host());
  const transfer_plan plan = it.plan(LARGE);
  EXPECT_EQ(it.load(plan).bytes_read, plan.bytes_read);
  expect_large(it);
  std::int64_t read = 0;
  for (const auto& event : it.files.log()) read += event.size;
  EXPECT_EQ(read, plan.bytes_needed);
  EXPECT_EQ(it.files.open_files(), 0);
}

TEST(load_engine, one_thread_reads_in_file_order) {
  load_fixture it(1);
  make_large(it, device::host());
  it.load(it.plan(LARGE));
  std::int64_t end = 0;
  for (const auto& event : it.files.log()) {
    EXPECT_EQ(event.offset, end);
    end = event.offset + event.size;
  }
}

TEST(load_engine, a_tensor_in_64_parts_costs_one_read_of_it) {
  load_fixture it;
  it.source.tensor("a", dtype::float32, {64, 100});
  std::vector<slice> parts;
  for (std::int64_t i = 0; i < 64; ++i) parts.push_back(box_of({{i, 1}, {0, 100}}));
  it.rows.variable("a", dtype::float32, {64, 100}, parts);
  it.store();
  it.load(it.plan(std::vector<std::uint32_t>(64, 0)));
  EXPECT_EQ(it.files.log(), (std::vector<memory_files::read_event>{{"data", 0, 64 * 400}}));
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(it.memory[i], it.expected_rows(i, 0));
}

// Checked bytes are read in blocks that stay in the processor's cache until they are checked.
TEST(load_engine, only_checked_bytes_are_read_in_blocks) {
  for (const bool checked : {true, false}) {
    load_fixture it(1);
    it.options.checksums = checked;
    it.source.tensor("a", dtype::float32, {250'000});
    it.rows.variable("a", dtype::float32, {250'000});
    it.store();
    it.load(it.plan({0}));
    EXPECT_EQ(it.files.log().size(), checked ? 4U : 1U);
    EXPECT_EQ(it.memory[0], it.expected_rows(0, 0));
  }
}

// Chunks begin and end anywhere; the pages around them are read, and counted, too.
TEST(load_engine, direct_reads_are_aligned_and_count_their_pages) {
  for (const std::int64_t first : {0, 1, 4095, 4097}) {
    load_fixture it;
    it.options.direct_reads = true;
    it.source = catalog_builder("data", first);
    make_large(it, device::host());
    const transfer_plan plan = it.plan(LARGE);
    EXPECT_GT(plan.chunks.size(), 10U);
    EXPECT_EQ(it.load(plan).bytes_read, plan.bytes_read);
    expect_large(it);
    std::int64_t read = 0;
    const auto size = static_cast<std::int64_t>(it.files.contents("data").size());
    for (const auto& event : it.files.log()) {
      read += std::min(event.offset + event.size, size) - event.offset;
    }
    EXPECT_EQ(plan.bytes_read, read);
    EXPECT_GT(plan.bytes_read, plan.bytes_needed);
  }
}

TEST(load_engine, slow_devices_get_their_bytes) {
  for (const int polls : {0, 1, 7}) {
    load_fixture it(3);
    make_large(it, "cuda:0");
    auto made = std::make_unique<scripted_backend>(device("cuda:0"),
                                                   scripted_backend::script{.polls = polls});
    scripted_backend& device = *made;
    it.engine.use(std::move(made));
    const transfer_plan plan = it.plan(LARGE);
    EXPECT_EQ(plan.slot_count, 3);
    it.load(plan);
    expect_large(it);
    EXPECT_TRUE(device.one_thread);
    EXPECT_LE(device.most_pending, 3U);  // back-pressure: no more than there are slots
    EXPECT_LE(device.staging_bytes, static_cast<std::size_t>(it.options.budget_bytes));
    EXPECT_GT(device.scatters, 0U);
    EXPECT_LE(device.scatters, plan.chunks.size());
  }
}

// Direct reads put a chunk anywhere in its slot's first page, and lists lie behind it.
TEST(load_engine, strided_and_converted_rows_are_scattered_from_mirrors) {
  for (const bool mirrors : {true, false}) {
    for (const bool direct : {false, true}) {
      load_fixture it(3);
      it.options.chunk_bytes = min_chunk_bytes;
      it.options.mirrors = mirrors;
      it.options.direct_reads = direct;
      it.source.tensor("odd", dtype::uint8, {7}).tensor("a", dtype::float32, {300, 400});
      for (const char* where : {"cuda:0", "cuda:1", "cpu:0"}) {
        it.rows
            .variable(std::string("columns ") + where, dtype::float32, {300, 400},
                      {box_of({{0, 300}, {0, 150}}), box_of({{0, 300}, {150, 250}})}, where)
            .variable(std::string("half ") + where, dtype::float16, {300, 400}, {}, where);
      }
      it.store();
      it.engine.use(
          std::make_unique<scripted_backend>(device("cuda:0"), scripted_backend::script{}));
      it.engine.use(std::make_unique<scripted_backend>(device("cuda:1"),
                                                       scripted_backend::script{.polls = 9}));
      const transfer_plan plan = it.plan(std::vector<std::uint32_t>(9, 1));
      EXPECT_EQ(plan.mirrors.size(), 2U);
      EXPECT_EQ(plan.mirror_bytes == plan.slot_bytes, mirrors);
      it.load(plan);
      for (std::size_t row = 0; row < 6; ++row) EXPECT_EQ(it.memory[row], it.memory[6 + row % 3]);
    }
  }
}

TEST(load_engine, more_readers_than_slots_end_with_the_last_chunk) {
  for (int round = 0; round < 50; ++round) {
    load_fixture it(6);
    make_large(it, "cuda:0");
    it.options.budget_bytes /= 3;
    it.engine.use(
        std::make_unique<scripted_backend>(device("cuda:0"), scripted_backend::script{.polls = 0}));
    const transfer_plan plan = it.plan(LARGE);
    EXPECT_EQ(plan.slot_count, 1);
    it.load(plan);
    expect_large(it);
  }
}

// A device that never gets to it: the load ends all the same.
TEST(load_engine, work_ordered_by_a_callers_stream_is_not_waited_for) {
  load_fixture it;
  make_large(it, "cuda:0");
  it.options.budget_bytes = 64 * mebibyte;
  auto made = std::make_unique<scripted_backend>(
      device("cuda:0"), scripted_backend::script{.polls = std::numeric_limits<int>::max()});
  scripted_backend& device = *made;
  it.engine.use(std::move(made));
  int stream = 0;
  it.streams = {{.backend = &device, .stream = &stream}};
  const transfer_plan plan = it.plan(LARGE);
  ASSERT_EQ(plan.slot_count, static_cast<std::int64_t>(plan.chunks.size()));
  const load_result result = it.load(plan);
  EXPECT_EQ(device.begun_after, std::vector<void*>{&stream});
  EXPECT_EQ(device.ended_before, std::vector<void*>{&stream});
  EXPECT_EQ(it.memory[0], std::vector<std::byte>(it.memory[0].size(), std::byte{0xCB}));
  ASSERT_EQ(result.pending.size(), 1U);
  EXPECT_FALSE(result.pending[0].done->done());
  result.pending[0].done->wait();
  EXPECT_TRUE(result.pending[0].done->done());
  expect_large(it);
}

TEST(load_engine, staging_is_kept_while_it_is_large_enough_and_within_budget) {
  load_fixture it;
  make_large(it, "cuda:0");
  auto made = std::make_unique<scripted_backend>(device("cuda:0"), scripted_backend::script{});
  scripted_backend& device = *made;
  it.engine.use(std::move(made));
  it.load(it.plan(LARGE));
  const std::size_t first = device.staging_bytes;
  it.options.chunk_bytes /= 2;
  it.load(it.plan(LARGE));
  EXPECT_EQ(device.staging_bytes, first);
  it.options.budget_bytes /= 2;
  it.load(it.plan(LARGE));
  EXPECT_GT(device.staging_bytes, first);
  expect_large(it);
}

TEST(load_engine, every_failing_read_fails_the_load_and_the_next_one_succeeds) {
  load_fixture it;
  make_large(it, device::host());
  const transfer_plan plan = it.plan(LARGE);
  std::int64_t failures = 0;
  for (std::int64_t n = 0;; ++n) {
    const std::int64_t before = it.files.reads();
    it.files.fail_read(before + n);
    try {
      it.load(plan);
      break;
    } catch (const error& thrown) {
      EXPECT_EQ(thrown.code(), error_code::io);
      EXPECT_GT(it.files.reads(), before + n);  // it was this read
      ++failures;
    }
    EXPECT_EQ(it.files.open_files(), 0);
    ASSERT_LT(n, 1000);
  }
  EXPECT_GE(failures, static_cast<std::int64_t>(plan.chunks.size()));
  expect_large(it);
}

TEST(load_engine, every_failing_device_call_fails_the_load_and_drains_the_device) {
  int failures = 0;
  for (int n = 0;; ++n) {
    load_fixture it;
    make_large(it, "cuda:0");
    auto made = std::make_unique<scripted_backend>(
        device("cuda:0"), scripted_backend::script{.polls = 1, .fail_call = n});
    scripted_backend& device = *made;
    it.engine.use(std::move(made));
    const transfer_plan plan = it.plan(LARGE);
    try {
      it.load(plan);
      EXPECT_LE(device.calls, n);  // the fault was beyond the last call
      break;
    } catch (const error& thrown) {
      EXPECT_EQ(thrown.code(), error_code::device);
      EXPECT_TRUE(device.drained);
      ++failures;
    }
    ASSERT_LT(n, 10'000);
  }
  EXPECT_GT(failures, 10);
}

TEST(load_engine, a_lack_of_pinned_memory_is_an_error) {
  load_fixture it;
  make_large(it, "cuda:0");
  it.engine.use(std::make_unique<scripted_backend>(
      device("cuda:0"), scripted_backend::script{.staging_limit = 1000}));
  try {
    it.load(it.plan(LARGE));
    FAIL();
  } catch (const error& thrown) {
    EXPECT_EQ(thrown.code(), error_code::out_of_memory);
  }
}

TEST(load_engine, the_checksums_of_zip_files_are_compared_like_crc32c) {
  load_fixture it;
  make_large(it, device::host());
  const std::span<const std::byte> bytes = it.files.contents("data");
  for (extent& one : it.source.get().extents) {
    one.checksum = {.kind = checksum_kind::crc32,
                    .value = crc32(bytes.subspan(static_cast<std::size_t>(one.offset_bytes),
                                                 static_cast<std::size_t>(one.size_bytes)))};
  }
  const transfer_plan plan = it.plan(LARGE);
  EXPECT_EQ(plan.bytes_unchecked, 0);
  // Devices compute another kind of checksum, so rows are compared as they were loaded.
  EXPECT_EQ(plan.row_checks, std::vector(LARGE.size(), row_check::loaded));
  it.load(plan);
  expect_large(it);
  it.files.contents("data")[240'000 + 5] ^= std::byte{4};
  try {
    it.load(plan);
    FAIL();
  } catch (const error& thrown) {
    EXPECT_EQ(thrown.code(), error_code::corrupt);
    EXPECT_TRUE(thrown.problems().at(0).expected.starts_with("crc32 0x")) << thrown.what();
  }
}

TEST(load_engine, a_flipped_bit_names_file_tensor_offset_and_checksums) {
  load_fixture it;
  make_large(it, device::host());
  it.files.contents("data")[240'000 + 5] ^= std::byte{4};
  try {
    it.load(it.plan(LARGE));
    FAIL();
  } catch (const error& thrown) {
    EXPECT_EQ(thrown.code(), error_code::corrupt);
    const problem& bad = thrown.problems().at(0);
    EXPECT_EQ(bad.tensor, "b");
    EXPECT_EQ(bad.file, "data");
    EXPECT_EQ(bad.offset_bytes, 240'000);
    EXPECT_TRUE(bad.expected.starts_with("crc32c 0x")) << bad.expected;
    EXPECT_TRUE(bad.found.starts_with("0x")) << bad.found;
    EXPECT_EQ(
        bad.message,
        "data, offset 240000: checksum of 333333 bytes of tensor b does not match: expected " +
            bad.expected + ", found " + bad.found);
  }
}

TEST(load_engine, damage_can_be_collected) {
  load_fixture it;
  make_large(it, device::host());
  it.files.contents("data")[0] ^= std::byte{1};
  it.files.contents("data")[240'000 + 333'333 + 8] ^= std::byte{1};
  it.checksums = checksum_use::collect_damage;
  auto damage = it.load(it.plan(LARGE)).damage;
  std::set<std::string> tensors;
  for (const problem& one : damage) tensors.insert(one.tensor);
  EXPECT_EQ(tensors, (std::set<std::string>{"a", "c"}));
}

TEST(load_engine, without_checksums_damage_goes_unnoticed) {
  load_fixture it;
  it.options.checksums = false;
  make_large(it, device::host());
  it.files.contents("data")[240'000 + 5] ^= std::byte{4};
  it.load(it.plan(LARGE));
  expect_large(it);
}

TEST(load_engine, a_file_that_changed_is_refused) {
  load_fixture it;
  make_large(it, device::host());
  const transfer_plan plan = it.plan(LARGE);
  it.files.put("data", it.files.contents("data"));
  try {
    it.load(plan);
    FAIL();
  } catch (const error& thrown) {
    EXPECT_EQ(thrown.code(), error_code::io);
    EXPECT_NE(std::string(thrown.what()).find("changed"), std::string::npos);
  }
  EXPECT_EQ(it.files.reads(), 0);
}

TEST(load_engine, a_file_that_changes_during_the_load_is_noticed) {
  load_fixture it(1);
  make_large(it, device::host());
  it.options.checksums = false;
  const transfer_plan plan = it.plan(LARGE);
  it.files.on_read([&](std::int64_t number) {
    if (number == 2) it.files.put("data", std::vector(it.files.contents("data")));
  });
  EXPECT_THROW(it.load(plan), error);
}

TEST(load_engine, cancellation_at_every_read_leaves_nothing_running) {
  load_fixture it;
  make_large(it, device::host());
  const transfer_plan plan = it.plan(LARGE);
  for (std::int64_t n = 0; n < static_cast<std::int64_t>(plan.chunks.size()); ++n) {
    it.stop = std::stop_source();
    const std::int64_t before = it.files.reads();
    it.files.on_read([&](std::int64_t number) {
      if (number - before == n) it.stop.request_stop();
    });
    try {
      it.load(plan);
      // The request came with the last reads, too late to matter.
      EXPECT_GE(n, static_cast<std::int64_t>(plan.chunks.size()) - 3);
    } catch (const error& thrown) {
      EXPECT_EQ(thrown.code(), error_code::cancelled);
    }
    EXPECT_EQ(it.files.open_files(), 0);
  }
  it.files.on_read({});
  it.stop = std::stop_source();
  it.load(plan);
  expect_large(it);
}

TEST(load_engine, a_stop_request_before_the_start_reads_nothing) {
  load_fixture it;
  make_large(it, "cuda:0");
  it.engine.use(std::make_unique<scripted_backend>(device("cuda:0"), scripted_backend::script{}));
  it.stop.request_stop();
  const transfer_plan plan = it.plan(LARGE);
  EXPECT_THROW(it.load(plan), error);
  EXPECT_EQ(it.files.reads(), 0);
}

TEST(load_engine, progress_ends_at_the_total_and_its_exceptions_fail_the_load) {
  load_fixture it;
  make_large(it, device::host());
  const transfer_plan plan = it.plan(LARGE);
  std::vector<std::int64_t> seen;
  it.progress = [&](std::int64_t done, std::int64_t total) {
    EXPECT_EQ(total, plan.bytes_read);
    seen.push_back(done);
  };
  it.load(plan);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), plan.bytes_read);
  it.progress = [](std::int64_t, std::int64_t) { throw std::runtime_error("from the callback"); };
  EXPECT_THROW(it.load(plan), std::runtime_error);
}

TEST(load_engine, casts_and_swaps_happen_during_the_load) {
  load_fixture it;
  it.source.swapped().tensor("a", dtype::int32, {5000});
  it.rows.variable("x", dtype::float64, {5000}).variable("y", dtype::int32, {5000});
  it.store();
  it.load(it.plan({0, 0}));
  const auto& bytes = it.files.contents("data");
  for (std::size_t i = 0; i < 5000; ++i) {
    std::uint32_t swapped = 0;
    std::memcpy(&swapped, bytes.data() + 4 * i, 4);
    const auto value = static_cast<std::int32_t>(__builtin_bswap32(swapped));
    double x = 0;
    std::int32_t y = 0;
    std::memcpy(&x, it.memory[0].data() + 8 * i, 8);
    std::memcpy(&y, it.memory[1].data() + 4 * i, 4);
    EXPECT_EQ(x, value);
    EXPECT_EQ(y, value);
  }
}

// `loaded` verification compares with checksums of the slot, which must equal those of the memory.
TEST(load_engine, expected_checksums_are_those_of_the_resident_bytes) {
  load_fixture it;
  it.options.chunk_bytes = min_chunk_bytes;
  it.source.tensor("a", dtype::float32, {300, 400});
  it.rows.variable("half", dtype::float16, {300, 400}, {box_of({{0, 300}, {7, 100}})})
      .variable("columns", dtype::float32, {300, 400}, {box_of({{10, 250}, {3, 390}})})
      .variable("rows", dtype::float32, {300, 400}, {box_of({{100, 150}, {0, 400}})});
  it.store();
  const transfer_plan plan = it.plan({0, 0, 0});
  const load_result result = it.load(plan);
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_EQ(plan.row_checks[i], row_check::loaded);
    EXPECT_EQ(result.expected[i], crc32c(it.memory[i])) << i;
  }
}

// Replicas of a part have one expectation, other rows their own.
TEST(load_engine, expected_checksums_of_replicas_are_computed_once) {
  load_fixture it;
  it.source.tensor("a", dtype::float32, {300, 400});
  const std::vector<device> three(3, device::host());
  it.rows.replicas("half", dtype::float16, {300, 400}, three)
      .replicas("whole", dtype::float64, {300, 400}, three)
      .variable("alone", dtype::float16, {300, 400});
  it.store();
  const transfer_plan plan = it.plan(std::vector<std::uint32_t>(7, 0));
  EXPECT_EQ(plan.expected_like, (std::vector<std::uint32_t>{0, 0, 0, 3, 3, 3, 6}));
  const load_result result = it.load(plan);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(result.expected[i], crc32c(it.memory[i])) << i;
}

TEST(load_engine, checksums_are_computed_without_being_compared) {
  load_fixture it(3);
  it.source.tensor("a", dtype::float32, {300, 400}).tensor("b", dtype::uint8, {0});
  it.source.tensor("c", dtype::uint8, {333'333});
  it.store();
  it.checksums = checksum_use::compute;
  catalog unknown = it.source.get();
  for (extent& one : unknown.extents) one.checksum.value = 1;
  const transfer_plan plan = make_checksum_plan(unknown, it.options);
  const load_result result = it.load(plan);
  EXPECT_TRUE(result.damage.empty());
  ASSERT_EQ(result.checksums.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(result.checksums[i], it.source.get().extents[i].checksum.value) << i;
  }
  it.checksums = checksum_use::collect_damage;
  EXPECT_EQ(it.load(plan).damage.size(), 2U) << "nothing is read of the one without bytes";
}

TEST(load_engine, no_more_readers_are_started_than_there_are_chunks) {
  load_fixture it(16);
  it.source.tensor("a", dtype::uint8, {2'500'000});
  it.rows.variable("a", dtype::uint8, {2'500'000});
  it.store();
  const transfer_plan plan = it.plan({0});
  EXPECT_EQ(plan.chunks.size(), 3U);
  const std::size_t before = test::thread_count();
  it.load(plan);
  EXPECT_EQ(test::thread_count(), before + 3);
}

TEST(load_engine, engines_are_used_again_and_from_several_threads) {
  load_fixture it;
  make_large(it, device::host());
  const transfer_plan plan = it.plan(LARGE);
  for (int round = 0; round < 20; ++round) it.load(plan);
  expect_large(it);
}

TEST(load_engine, fills_run_on_all_backends_and_report_failure) {
  load_fixture it(2);
  it.engine.use(std::make_unique<scripted_backend>(device("cuda:0"), scripted_backend::script{}));
  const shape full{1000};
  const slice where = slice::all_of(full);
  std::vector<std::vector<float>> rows(8, std::vector<float>(1000, -1));
  std::vector<fill_command> commands;
  for (auto& row : rows) {
    commands.push_back({.spec = {fill_spec::distribution::constant, 2.5},
                        .type = dtype::float32,
                        .full_shape = &full,
                        .slice = &where,
                        .destination = reinterpret_cast<std::byte*>(row.data())});
  }
  it.engine.on_driver([&] {
    std::vector<backend*> backends(8, &it.engine.backend_of(device::host()));
    backends[3] = backends[6] = &it.engine.backend_of("cuda:0");
    it.engine.fill(commands, backends, {}, {});
    for (const auto& row : rows) EXPECT_EQ(row, std::vector<float>(1000, 2.5F));
    it.stop.request_stop();
    EXPECT_THROW(it.engine.fill(commands, backends, {}, it.stop.get_token()), error);
  });
}

}  // namespace
}  // namespace warmstart::detail
