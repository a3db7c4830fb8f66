#include "plan/transfer_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "plan/print.hpp"
#include "support/catalog_builder.hpp"
#include "support/plan_of.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::box_of;
using test::catalog_builder;
using test::plan_of;
using test::rows_builder;

std::vector<slice> row_parts(std::int64_t rows, std::int64_t columns, std::int64_t count) {
  std::vector<slice> parts;
  for (std::int64_t i = 0; i < count; ++i) {
    parts.push_back(box_of({{i * rows / count, rows / count}, {0, columns}}));
  }
  return parts;
}

TEST(transfer_plan, adjacent_rows_share_one_in_place_read) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {200}).tensor("b", dtype::float64, {300});
  rows_builder rows;
  rows.variable("x", dtype::float32, {200}).variable("y", dtype::float64, {300});
  EXPECT_EQ(to_text(plan_of(rows, source.get(), {0, 1}), rows.get()),
            "read data [0, 3200)\n"
            "  segment [0, 800) of a at 0 checked\n"
            "  segment [800, 3200) of b at 0 checked\n"
            "  land 0 -> x +0: 200 elements\n"
            "  land 800 -> y +0: 300 elements\n"
            "check x: stored\n"
            "check y: stored\n"
            "needed 3200 read 3200 staging 0 x 0\n");
}

TEST(transfer_plan, small_runs_casts_and_swaps_go_through_the_slot) {
  catalog_builder source("data", 3);
  source.swapped().tensor("a", dtype::float32, {200}).tensor("b", dtype::uint8, {600});
  rows_builder rows;
  rows.variable("x", dtype::bfloat16, {200}).variable("y", dtype::uint8, {600});
  EXPECT_EQ(to_text(plan_of(rows, source.get(), {0, 1}), rows.get()),
            "read data [3, 1403) slot\n"
            "  segment [0, 800) of a at 0 checked\n"
            "  segment [800, 1400) of b at 0 checked\n"
            "  scatter 0 -> x +0: 200 elements, swapped, float32 to bfloat16\n"
            "  land 800 -> y +0: 600 elements\n"
            "check x: loaded\n"
            "check y: stored\n"
            "needed 1400 read 1400 staging 1 x 4096\n");
}

TEST(transfer_plan, one_tensor_for_two_variables_is_read_once) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {1000});
  rows_builder rows;
  rows.variable("x", dtype::float32, {1000}).variable("y", dtype::float32, {1000});
  EXPECT_EQ(to_text(plan_of(rows, source.get(), {0, 0}), rows.get()),
            "read data [0, 4000) slot\n"
            "  segment [0, 4000) of a at 0 checked\n"
            "  copy 0 -> x +0: 1000 elements\n"
            "  copy 0 -> y +0: 1000 elements\n"
            "check x: stored\n"
            "check y: stored\n"
            "needed 4000 read 4000 staging 1 x 4096\n");
}

TEST(transfer_plan, column_parts_are_boxes_and_their_checksums_compose) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {6, 10});
  rows_builder rows;
  rows.variable("x", dtype::float32, {6, 10}, {box_of({{0, 6}, {0, 4}}), box_of({{0, 6}, {4, 6}})});
  EXPECT_EQ(to_text(plan_of(rows, source.get(), {0, 0}), rows.get()),
            "read data [0, 240) slot\n"
            "  segment [0, 240) of a at 0 checked\n"
            "  scatter 0 -> x/part_0 +0: 6 x (40 -> 16) 4 elements\n"
            "  scatter 16 -> x/part_1 +0: 6 x (40 -> 24) 6 elements\n"
            "check x/part_0: stored\n"
            "check x/part_1: stored\n"
            "needed 240 read 240 staging 1 x 4096\n");
}

TEST(transfer_plan, slices_of_the_checkpoint_need_not_match_the_parts) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {5, 200},
                {box_of({{0, 3}, {0, 200}}), box_of({{3, 2}, {0, 200}})});
  rows_builder rows;
  rows.variable("x", dtype::float32, {5, 200},
                {box_of({{0, 2}, {0, 200}}), box_of({{2, 3}, {0, 200}})});
  EXPECT_EQ(to_text(plan_of(rows, source.get(), {0, 0}), rows.get()),
            "read data [0, 4000)\n"
            "  segment [0, 2400) of a at 0 checked\n"
            "  segment [2400, 4000) of a at 0 checked\n"
            "  land 0 -> x/part_0 +0: 400 elements\n"
            "  land 1600 -> x/part_1 +0: 200 elements\n"
            "  land 2400 -> x/part_1 +800: 400 elements\n"
            "check x/part_0: stored\n"
            "check x/part_1: stored\n"
            "needed 4000 read 4000 staging 0 x 0\n");
}

TEST(transfer_plan, chunks_end_between_elements_and_at_the_bound) {
  catalog_builder source;
  source.tensor("a", dtype::complex128, {9000}).tensor("b", dtype::uint8, {5});
  rows_builder rows;
  rows.variable("x", dtype::complex128, {9000}).variable("y", dtype::uint8, {5});
  plan_options options;
  options.chunk_bytes = (64 << 10) + 8;  // a slot is whole pages
  const transfer_plan plan = plan_of(rows, source.get(), {0, 1}, options);
  EXPECT_EQ(to_text(plan, rows.get()),
            "read data [0, 65536)\n"
            "  segment [0, 65536) of a at 0 checked\n"
            "  land 0 -> x +0: 4096 elements\n"
            "read data [65536, 131072)\n"
            "  segment [0, 65536) of a at 65536 checked\n"
            "  land 0 -> x +65536: 4096 elements\n"
            "read data [131072, 144005) slot\n"
            "  segment [0, 12928) of a at 131072 checked\n"
            "  segment [12928, 12933) of b at 0 checked\n"
            "  land 0 -> x +131072: 808 elements\n"
            "  copy 12928 -> y +0: 5 elements\n"
            "check x: stored\n"
            "check y: stored\n"
            "needed 144005 read 144005 staging 1 x 16384\n");
}

TEST(transfer_plan, gaps_are_read_over_up_to_the_limit) {
  catalog_builder source;
  source.tensor("a", dtype::uint8, {1000}, {}, 16 << 10)
      .tensor("b", dtype::uint8, {1000}, {}, (16 << 10) + 1)
      .tensor("c", dtype::uint8, {1000});
  rows_builder rows;
  rows.variable("x", dtype::uint8, {1000})
      .variable("y", dtype::uint8, {1000})
      .variable("z", dtype::uint8, {1000});
  const transfer_plan plan = plan_of(rows, source.get(), {0, 1, 2});
  ASSERT_EQ(plan.chunks.size(), 2U);
  EXPECT_EQ(plan.bytes_needed, 3000);
  EXPECT_EQ(plan.bytes_read, 3000 + (16 << 10));
  EXPECT_TRUE(plan.chunks[0].needs_slot);  // where the gap goes
}

TEST(transfer_plan, the_policy_decides_if_a_whole_extent_is_read_for_its_checksum) {
  catalog_builder source;
  source.tensor("a", dtype::uint8, {100, 1000});
  for (const auto& [wanted_rows, policy, read, checked] :
       {std::tuple{50, partial_checksums::when_half, 100'000, true},
        std::tuple{49, partial_checksums::when_half, 49'000, false},
        std::tuple{1, partial_checksums::always, 100'000, true},
        std::tuple{99, partial_checksums::never, 99'000, false}}) {
    rows_builder rows;
    rows.variable("x", dtype::uint8, {100, 1000}, {box_of({{0, wanted_rows}, {0, 1000}})});
    plan_options options;
    options.partial_checksums = policy;
    const transfer_plan plan = plan_of(rows, source.get(), {0}, options);
    EXPECT_EQ(plan.bytes_needed, wanted_rows * 1000);
    EXPECT_EQ(plan.bytes_read, read);
    EXPECT_EQ(plan.extents.at(0).is_checked(), checked);
    EXPECT_EQ(plan.row_checks.at(0), row_check::loaded);
  }
}

TEST(transfer_plan, without_checksums_nothing_more_is_read_and_nothing_checked) {
  catalog_builder source;
  source.tensor("a", dtype::uint8, {100, 1000});
  rows_builder rows;
  rows.variable("x", dtype::uint8, {100, 1000}, {box_of({{0, 99}, {0, 1000}})});
  plan_options options;
  options.checksums = false;
  options.expectations = false;
  const transfer_plan plan = plan_of(rows, source.get(), {0}, options);
  EXPECT_EQ(plan.bytes_read, 99'000);
  EXPECT_FALSE(plan.extents.at(0).is_checked());
  EXPECT_EQ(plan.row_checks.at(0), row_check::none);
}

TEST(transfer_plan, sparse_boxes_are_read_piece_by_piece) {
  catalog_builder source;
  source.tensor("a", dtype::uint8, {4, 100'000});
  rows_builder rows;
  rows.variable("x", dtype::uint8, {4, 100'000}, {box_of({{0, 4}, {10, 1000}})});
  const transfer_plan plan = plan_of(rows, source.get(), {0});
  EXPECT_EQ(plan.chunks.size(), 4U);
  EXPECT_EQ(plan.bytes_read, 4000);
}

TEST(transfer_plan, variables_that_overlap_in_a_tensor_need_its_bytes_once) {
  catalog_builder source;
  source.tensor("a", dtype::uint8, {10, 1000});
  rows_builder rows;
  rows.variable("x", dtype::uint8, {10, 1000}, {box_of({{0, 4}, {0, 1000}})})
      .variable("y", dtype::uint8, {10, 1000}, {box_of({{2, 5}, {0, 1000}})});
  EXPECT_EQ(plan_of(rows, source.get(), {0, 0}).bytes_needed, 7000);
}

TEST(transfer_plan, sixty_four_parts_share_one_read) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {64, 256});
  rows_builder rows;
  rows.variable("x", dtype::float32, {64, 256}, row_parts(64, 256, 64));
  const transfer_plan plan = plan_of(rows, source.get(), std::vector<std::uint32_t>(64, 0));
  EXPECT_EQ(plan.chunks.size(), 1U);
  EXPECT_EQ(plan.bytes_read, 64 * 256 * 4);
  EXPECT_EQ(plan.checks.size(), 1U);
}

TEST(transfer_plan, devices_copy_long_runs_and_scatter_the_rest_from_a_mirror) {
  catalog_builder source("data", 3);
  source.tensor("a", dtype::float32, {20'000})
      .tensor("b", dtype::float32, {10})
      .tensor("c", dtype::float32, {100, 300});
  rows_builder rows;
  rows.variable("x", dtype::float32, {20'000}, {}, "cuda:0")
      .variable("y", dtype::float64, {10}, {}, "cuda:0")
      .variable("z", dtype::float32, {100, 300},
                {box_of({{0, 100}, {0, 100}}), box_of({{0, 100}, {100, 200}})}, "cuda:0");
  plan_options options;
  options.min_run_bytes = 80'000;
  EXPECT_EQ(to_text(plan_of(rows, source.get(), {0, 1, 2, 2}, options), rows.get()),
            "read data [3, 200043) slot\n"
            "  segment [0, 80000) of a at 0 checked\n"
            "  segment [80000, 80040) of b at 0 checked\n"
            "  segment [80040, 200040) of c at 0 checked\n"
            "  copy 0 -> x +0: 20000 elements\n"
            "  scatter 80000 -> y +0: 10 elements, float32 to float64\n"
            "  scatter 80040 -> z/part_0 +0: 100 x (1200 -> 400) 100 elements\n"
            "  scatter 80440 -> z/part_1 +0: 100 x (1200 -> 800) 200 elements\n"
            "  upload to cuda:0: [80000, 200040) list 192\n"
            "check x: stored\n"
            "check y: loaded\n"
            "check z/part_0: stored\n"
            "check z/part_1: stored\n"
            "needed 200040 read 200040 staging 1 x 200704 and 1 mirrors\n");
}

TEST(transfer_plan, each_device_mirrors_what_it_scatters) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {100, 300});
  rows_builder rows;
  rows.variable("x", dtype::float32, {100, 300}, {box_of({{0, 10}, {0, 100}})}, "cuda:1")
      .variable("y", dtype::float32, {100, 300}, {box_of({{90, 10}, {0, 300}})}, "cuda:0")
      .variable("z", dtype::float32, {100, 300}, {box_of({{0, 100}, {7, 1}})}, "cpu:0");
  plan_options options;
  transfer_plan plan = plan_of(rows, source.get(), {0, 0, 0}, options);
  ASSERT_EQ(plan.uploads.size(), 2U);
  EXPECT_EQ(plan.uploads[0].device, device("cuda:0"));
  EXPECT_EQ(plan.uploads[1].device, device("cuda:1"));
  // Positions in what is read: the column's first element to its last, and row 99 behind it.
  EXPECT_EQ(plan.staged.size(), 2U);
  EXPECT_EQ(plan.staged[0].end - plan.staged[0].begin, 12'000);
  EXPECT_EQ(plan.staged[1].end - plan.staged[1].begin, 9 * 1200 + 400);
  EXPECT_EQ(plan.mirrors, (std::vector<device>{"cuda:0", "cuda:1"}));
  EXPECT_EQ(plan.staging_bytes(), 3 * plan.slot_bytes * plan.slot_count);

  options.mirrors = false;
  plan = plan_of(rows, source.get(), {0, 0, 0}, options);
  EXPECT_EQ(plan.uploads.size(), 2U);
  EXPECT_TRUE(plan.staged.empty());
  EXPECT_EQ(plan.mirrors, (std::vector<device>{"cuda:0", "cuda:1"}));
  EXPECT_EQ(plan.mirror_bytes, 256);
  EXPECT_EQ(plan.staging_bytes(), (plan.slot_bytes + 2 * 256) * plan.slot_count);
}

TEST(transfer_plan, device_rows_have_no_in_place_reads) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {1000});
  rows_builder rows;
  rows.variable("x", dtype::float32, {1000}, {}, device("cuda:0"));
  plan_options options;
  options.min_run_bytes = 4000;
  const transfer_plan plan = plan_of(rows, source.get(), {0}, options);
  EXPECT_EQ(plan.copies.at(0).route, copy_route::run);
  EXPECT_TRUE(plan.chunks.at(0).needs_slot);
  EXPECT_TRUE(plan.uploads.empty());
  EXPECT_TRUE(plan.mirrors.empty());
  options.min_run_bytes = 4001;
  EXPECT_EQ(plan_of(rows, source.get(), {0}, options).copies.at(0).route, copy_route::scattered);
}

// A copy that brings most of a chunk is not worth a kernel, however small the chunk.
TEST(transfer_plan, smaller_chunks_copy_shorter_runs) {
  catalog_builder source;
  source.tensor("a", dtype::uint8, {300'000}).tensor("b", dtype::uint8, {2 << 20});
  rows_builder rows;
  rows.variable("x", dtype::uint8, {300'000}, {}, "cuda:0")
      .variable("y", dtype::uint8, {2 << 20}, {}, "cuda:0");
  plan_options options;
  const auto route_of_first = [&] {
    return plan_of(rows, source.get(), {0, 1}, options).copies.at(0).route;
  };
  EXPECT_EQ(route_of_first(), copy_route::scattered);
  options.chunk_bytes = 512 << 10;
  EXPECT_EQ(route_of_first(), copy_route::run);
  options.chunk_bytes = 1 << 20;
  EXPECT_EQ(route_of_first(), copy_route::scattered);
}

TEST(transfer_plan, slots_are_as_large_and_as_many_as_the_load_can_use) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {100'000'000});
  rows_builder rows;
  rows.variable("x", dtype::float32, {100'000'000}, {}, device("cuda:0"));
  transfer_plan plan = plan_of(rows, source.get(), {0});
  EXPECT_EQ(plan.slot_bytes, 4 << 20);
  EXPECT_EQ(plan.staging_bytes(), 256 << 20);
  // Two slots for each reader, and as many mirrors.
  plan_options options;
  options.readers = 16;
  options.budget_bytes = 32 << 20;
  options.min_run_bytes = std::int64_t{1} << 40;
  plan = plan_of(rows, source.get(), {0}, options);
  EXPECT_EQ(plan.slot_count, 32);
  EXPECT_GT(plan.staging_bytes(), 31 << 20);
  catalog_builder small;
  small.tensor("a", dtype::float32, {1000});
  rows_builder one;
  one.variable("x", dtype::float32, {1000}, {}, device("cuda:0"));
  plan = plan_of(one, small.get(), {0});
  EXPECT_EQ(plan.slot_bytes, 4096);  // 4000 bytes, and a list
  EXPECT_EQ(plan.slot_count, 1);
}

// A chunk lies in its slot as it lies in its page of the file.
TEST(transfer_plan, slots_have_room_in_front_of_a_chunk) {
  for (const auto& [first, slot_bytes] :
       {std::pair{0, 4096}, {96, 4096}, {97, 8192}, {4096, 4096}}) {
    catalog_builder source("data", first);
    source.tensor("a", dtype::float32, {1000});
    rows_builder rows;
    rows.variable("x", dtype::float64, {1000});
    EXPECT_EQ(plan_of(rows, source.get(), {0}).slot_bytes, slot_bytes) << first;
  }
}

TEST(transfer_plan, staging_stays_within_the_budget) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {1'000'000});
  for (const char* where : {"cpu:0", "cuda:0"}) {
    rows_builder rows;
    rows.variable("x", dtype::float64, {1'000'000}, {}, where);
    for (const bool direct : {false, true}) {
      plan_options options;
      options.readers = 4;
      options.direct_reads = direct;
      for (const std::int64_t budget :
           {200 << 10, 201 << 10, 300 << 10, 700 << 10, 3 << 20, 64 << 20}) {
        options.budget_bytes = budget;
        const transfer_plan plan = plan_of(rows, source.get(), {0}, options);
        EXPECT_GE(plan.slot_count, 1);
        EXPECT_LE(plan.staging_bytes(), budget);
        EXPECT_EQ(plan.slot_bytes % 4096, 0);
      }
    }
  }
}

TEST(transfer_plan, a_budget_that_is_too_small_is_refused_with_the_smallest_that_would_do) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {1'000'000});
  for (const auto& [where, smallest] :
       {std::pair{"cpu:0", 65'536}, std::pair{"cuda:0", 2 * (65'536 + 4096)}}) {
    rows_builder rows;
    rows.variable("x", dtype::float64, {1'000'000}, {}, where);
    plan_options options;
    options.readers = 4;
    options.budget_bytes = smallest;
    EXPECT_EQ(plan_of(rows, source.get(), {0}, options).staging_bytes(), smallest);
    options.budget_bytes = smallest - 1;
    try {
      (void)plan_of(rows, source.get(), {0}, options);
      FAIL() << "accepted";
    } catch (const error& refused) {
      EXPECT_EQ(refused.code(), error_code::out_of_memory);
      EXPECT_NE(std::string(refused.what()).find(std::to_string(smallest)), std::string::npos)
          << refused.what();
    }
  }
}

TEST(transfer_plan, equal_extents_of_two_catalogs_are_one) {
  catalog_builder first, second;
  first.tensor("a", dtype::float32, {1000});
  second.tensor("b", dtype::float32, {1000});
  rows_builder rows;
  rows.variable("x", dtype::float32, {1000}).variable("y", dtype::float32, {1000});
  const catalog* catalogs[] = {&first.get(), &second.get()};
  const slice all = slice::all_of({1000});
  const assignment wanted[] = {{.row = 0, .checkpoint = 0, .tensor = 0, .wanted = all},
                               {.row = 1, .checkpoint = 1, .tensor = 0, .wanted = all}};
  const transfer_plan plan = make_transfer_plan(rows.get(), wanted, catalogs, {});
  EXPECT_EQ(plan.files.size(), 1U);
  EXPECT_EQ(plan.bytes_read, 4000);
}

// Extents that overlap without being equal (only hostile files have them) are read one by one.
TEST(transfer_plan, overlapping_extents_stay_apart) {
  catalog_builder source;
  source.tensor("a", dtype::uint8, {1000}).tensor("b", dtype::uint8, {1000});
  source.get().extents[1].offset_bytes = 500;
  rows_builder rows;
  rows.variable("x", dtype::uint8, {1000}).variable("y", dtype::uint8, {1000});
  const transfer_plan plan = plan_of(rows, source.get(), {0, 1});
  EXPECT_EQ(plan.chunks.size(), 2U);
  EXPECT_EQ(plan.bytes_read, 2000);
}

// What is known of an extent must not depend on which of its tensors comes first.
TEST(transfer_plan, tensors_of_different_types_share_bytes_and_their_extent) {
  for (const bool bytes_first : {true, false}) {
    catalog_builder source;
    source.tensor("a", dtype::uint8, {131'072}).tensor("b", dtype::float64, {16'384});
    source.get().extents[1].offset_bytes = 0;
    rows_builder rows;
    if (bytes_first) {
      rows.variable("a", dtype::uint8, {131'072}).variable("b", dtype::float64, {16'384});
    } else {
      rows.variable("b", dtype::float64, {16'384}).variable("a", dtype::uint8, {131'072});
    }
    plan_options options;
    options.chunk_bytes = min_chunk_bytes;
    const transfer_plan plan = plan_of(
        rows, source.get(),
        bytes_first ? std::vector<std::uint32_t>{0, 1} : std::vector<std::uint32_t>{1, 0}, options);
    ASSERT_EQ(plan.extents.size(), 1U);
    EXPECT_EQ(plan.bytes_needed, 131'072);
    EXPECT_EQ(plan.bytes_read, 131'072);
    std::map<std::string, std::int64_t> landed;
    for (const chunk_copy& copy : plan.copies) {
      const demand& from = plan.demands[copy.demand];
      const auto row_unit = static_cast<std::int64_t>(size_of(from.conversion.to));
      EXPECT_LE(copy.destination_bytes + copy.run * row_unit, 131'072);
      landed[rows.get()[from.row].name] += copy.run * row_unit;
    }
    EXPECT_EQ(landed, (std::map<std::string, std::int64_t>{{"a", 131'072}, {"b", 131'072}}));
    for (const row_check check : plan.row_checks) EXPECT_EQ(check, row_check::stored);
  }
}

TEST(transfer_plan, each_of_two_checksums_of_the_same_bytes_is_compared) {
  catalog_builder source;
  source.tensor("a", dtype::uint8, {1000}).tensor("b", dtype::uint8, {1000});
  source.get().extents[1].offset_bytes = 0;
  source.get().extents[1].checksum.value = 77;
  rows_builder rows;
  rows.variable("x", dtype::uint8, {1000}).variable("y", dtype::uint8, {1000});
  const transfer_plan plan = plan_of(rows, source.get(), {0, 1});
  ASSERT_EQ(plan.extents.size(), 2U);
  for (const plan_extent& one : plan.extents) EXPECT_TRUE(one.is_checked());
  EXPECT_EQ(make_check_plan(source.get(), {}).extents.size(), 2U);
}

// Tied weights may have another shape: they are read once, and counted once.
TEST(transfer_plan, shapes_that_differ_share_an_extent) {
  catalog_builder source;
  source.tensor("a", dtype::uint8, {10, 1000}).tensor("b", dtype::uint8, {1000, 10});
  source.get().extents[1].offset_bytes = 0;
  rows_builder rows;
  rows.variable("x", dtype::uint8, {10, 1000}, {box_of({{0, 6}, {0, 1000}})})
      .variable("y", dtype::uint8, {1000, 10}, {box_of({{0, 1000}, {0, 7}})});
  const transfer_plan plan = plan_of(rows, source.get(), {0, 1});
  EXPECT_EQ(plan.extents.size(), 1U);
  EXPECT_EQ(plan.bytes_needed, 8800);  // 6000, and 7 of 10 in the other 4000
  EXPECT_EQ(plan.bytes_read, 10'000);
}

TEST(transfer_plan, empty_rows_need_no_reads) {
  catalog_builder source;
  source.tensor("a", dtype::uint8, {0, 5});
  source.get().tensors[0].pieces.clear();
  rows_builder rows;
  rows.variable("x", dtype::uint8, {0, 5});
  const transfer_plan plan = plan_of(rows, source.get(), {0});
  EXPECT_TRUE(plan.chunks.empty());
  EXPECT_EQ(plan.row_checks.at(0), row_check::stored);
}

// For any geometry, landings tile each chunk, and every wanted element is copied exactly once.
TEST(transfer_plan, random_geometries_move_every_element_once) {
  std::mt19937 random(11);
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  for (int round = 0; round < 300; ++round) {
    const std::int64_t rows_count = pick(1, 90), columns = pick(1, 3000);
    const bool by_rows = pick(0, 1) == 1;
    const auto parts = [&](bool rows_first) {
      std::vector<slice> list;
      const std::int64_t size = rows_first ? rows_count : columns;
      for (std::int64_t at = 0; at < size;) {
        const std::int64_t length = pick(1, size - at);
        list.push_back(rows_first ? box_of({{at, length}, {0, columns}})
                                  : box_of({{0, rows_count}, {at, length}}));
        at += length;
      }
      return list;
    };
    catalog_builder source("data", pick(0, 9));
    source.tensor("a", dtype::int16, {rows_count, columns}, parts(pick(0, 1) == 1), pick(0, 3));
    rows_builder rows;
    rows.variable("x", dtype::int16, {rows_count, columns}, parts(by_rows));
    plan_options options;
    options.chunk_bytes = pick(64 << 10, 70 << 10);
    options.max_gap_bytes = pick(0, 5000);
    const transfer_plan plan =
        plan_of(rows, source.get(), std::vector<std::uint32_t>(rows.get().size(), 0), options);

    std::vector<std::int64_t> written(rows.get().size(), 0);
    for (const chunk& one : plan.chunks) {
      EXPECT_LE(one.size_bytes, options.chunk_bytes);
      const auto landings = transfer_plan::part(plan.landings, one.landings);
      ASSERT_FALSE(landings.empty());
      EXPECT_EQ(landings.front().begin, 0);
      for (const chunk_copy& copy : transfer_plan::part(plan.copies, one.copies)) {
        std::int64_t elements = copy.run;
        for (const auto& d : transfer_plan::part(plan.dimensions, copy.dimensions))
          elements *= d.count;
        written[plan.demands[copy.demand].row] += elements;
      }
    }
    for (std::size_t row = 0; row < written.size(); ++row) {
      EXPECT_EQ(written[row], rows.get()[row].shape().element_count());
    }
    EXPECT_EQ(plan.bytes_needed, rows_count * columns * 2);
    for (const row_check check : plan.row_checks) EXPECT_EQ(check, row_check::stored);
  }
}

}  // namespace
}  // namespace warmstart::detail
