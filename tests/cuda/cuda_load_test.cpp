// Whole loads into CUDA devices, against the same loads on the host.

#include <cudaemu.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "cuda/block_allocator.hpp"
#include "cuda/cuda_model.hpp"
#include "cuda/device_bytes.hpp"
#include "cuda/gpus.hpp"
#include "support/swapped.hpp"

namespace warmstart::detail {
namespace {

using test::cuda_model;
using test::resident_bytes;
using test::small_chunks;
using contents = std::map<std::string, std::vector<std::byte>>;

contents contents_of(const variable_store& vars) {
  contents all;
  for (const variable& v : vars.variables()) {
    for (const variable& part : v.parts()) all[part.name()] = resident_bytes(part);
  }
  return all;
}

class cuda_load : public testing::Test {
 protected:
  contents expected() const {
    variable_store vars = model_.make({"cpu:0"});
    run_initializers(vars);
    return contents_of(vars);
  }
  static cudaemu_stats_t counters() {
    cudaemu_stats_t stats{};
    stats.struct_size = sizeof(stats);
    cudaemu_stats(&stats);
    return stats;
  }

  cuda_model model_;
};

TEST_F(cuda_load, every_transfer_path_gives_the_same_bytes) {
  const contents wanted = expected();
  const std::vector<std::vector<device>> placements = {{"cuda:0"}, test::gpus_around_host()};
  for (const auto& devices : placements) {
    for (const auto scatter :
         {load_options::scatter_source::mirrored, load_options::scatter_source::mapped}) {
      for (const std::int64_t min_run_bytes : {std::int64_t{1}, std::int64_t{1} << 40}) {
        variable_store vars = model_.make(devices);
        load_options options = small_chunks();
        options.scatter = scatter;
        options.min_run_bytes = min_run_bytes;
        run_initializers(vars, options);
        EXPECT_TRUE(contents_of(vars) == wanted);
        EXPECT_TRUE(verify(vars).complete());
      }
    }
  }
}

/// Staging memory, and the variables in blocks, which may be twice as large as what they hold.
std::int64_t most_memory(const load_plan& plan) {
  std::int64_t bytes = plan.staging_bytes;
  for (const load_plan::device_totals& one : plan.devices) {
    bytes += 2 * one.memory_bytes + static_cast<std::int64_t>(block_allocator::first_block_bytes);
  }
  return bytes;
}

TEST_F(cuda_load, bytes_cross_the_link_as_planned_and_each_chunk_is_one_launch) {
  if (!cudaemu_present()) GTEST_SKIP() << "counters are the emulator's";
  for (const std::int64_t min_run_bytes : {std::int64_t{64} << 10, std::int64_t{1} << 40}) {
    variable_store vars = model_.make(test::first_gpus(2));
    load_options options = small_chunks();
    options.min_run_bytes = min_run_bytes;
    const load_plan plan = make_plan(vars, options);
    std::int64_t link_bytes = 0;
    for (const auto& one : plan.devices) link_bytes += one.link_bytes;
    cudaemu_reset_stats();
    run_initializers(vars, options);
    const cudaemu_stats_t stats = counters();
    EXPECT_EQ(stats.pinned_copies[CUDAEMU_HOST_TO_DEVICE].bytes,
              static_cast<std::uint64_t>(link_bytes));
    EXPECT_EQ(stats.pageable_copies[CUDAEMU_HOST_TO_DEVICE].count, 0U);
    EXPECT_EQ(stats.async_copies_of_pageable_memory, 0U);
    EXPECT_EQ(stats.unsupported_calls, 0U);
    EXPECT_EQ(stats.device_faults, 0U);
    EXPECT_LE(stats.pinned.peak_bytes, static_cast<std::uint64_t>(options.budget_bytes));
    EXPECT_LE(static_cast<std::int64_t>(stats.pinned.peak_bytes + stats.device.peak_bytes),
              most_memory(plan));

    std::uint64_t scatters = 0;
    cudaemu_for_each_kernel(
        [](void* count, const char* name, const cudaemu_kernel_totals* totals) {
          if (std::string_view(name).find("scatter_kernel") != std::string_view::npos) {
            *static_cast<std::uint64_t*>(count) += totals->launches;
          }
        },
        &scatters);
    std::int64_t reads = 0;
    for (const auto& file : plan.files) reads += file.reads;
    EXPECT_GT(scatters, 0U);
    EXPECT_LE(scatters, 2 * static_cast<std::uint64_t>(reads));
  }
}

// How close kernels come to reading every sector once depends on the sizes of what they read: the
// traffic bench has bounds for large ones.
TEST_F(cuda_load, mapped_slots_are_read_across_the_link_as_planned) {
  if (!cudaemu_present()) GTEST_SKIP() << "counters are the emulator's";
  variable_store vars = model_.make(test::first_gpus(2));
  load_options options = small_chunks();
  options.scatter = load_options::scatter_source::mapped;
  options.min_run_bytes = std::int64_t{1} << 40;
  const load_plan plan = make_plan(vars, options);
  const auto planned = static_cast<double>(plan.devices[0].link_bytes + plan.devices[1].link_bytes);
  cudaemu_reset_stats();
  run_initializers(vars, options);
  std::uint64_t crossed = counters().pinned_copies[CUDAEMU_HOST_TO_DEVICE].bytes;
  cudaemu_for_each_kernel(
      [](void* sum, const char* /*name*/, const cudaemu_kernel_totals* totals) {
        *static_cast<std::uint64_t*>(sum) += 32 * totals->host_loads.sectors;
      },
      &crossed);
  EXPECT_NEAR(static_cast<double>(crossed) / planned, 1, 0.1);
  EXPECT_LE(static_cast<std::int64_t>(counters().pinned.peak_bytes + counters().device.peak_bytes),
            most_memory(plan));
}

// As they are, by columns, in pieces for a copy of their own, and cast: none may arrive unswapped.
TEST_F(cuda_load, bundles_of_the_other_byte_order_are_swapped) {
  const std::size_t count = 80UL * 300;
  test::bundle_writer writer;
  writer.header(test::bundle_writer::header_record(1, true));
  writer.tensor("odd", dtype::uint8, {3}, "xyz");
  const auto add = [&](const char* name, dtype type, const std::string& native) {
    writer.tensor(name, type, {80, 300}, test::swapped(native, type));
    return native;
  };
  const auto ints = test::counted<std::int32_t>(count);
  const std::string halves =
      add("halves", dtype::bfloat16, test::bytes_of(test::counted<std::uint16_t>(count)));
  const std::string numbers = add("numbers", dtype::int32, test::bytes_of(ints));
  const std::string complex =
      add("complex", dtype::complex64, test::bytes_of(test::counted<float>(2 * count)));
  const std::string wide =
      add("wide", dtype::float64, test::bytes_of(test::counted<double>(count)));
  const test::temporary_directory directory;
  writer.write(directory / "big");
  for (const std::int64_t min_run_bytes : {std::int64_t{1}, std::int64_t{1} << 40}) {
    variable_store vars("cuda:0");
    vars.get_variable("halves", {80, 300}, {.type = dtype::bfloat16});
    vars.get_variable("numbers", {80, 300},
                      {.type = dtype::int32, .partitioner = fixed_size_partitioner(3, 1)});
    vars.get_variable("complex", {80, 300}, {.type = dtype::complex64});
    vars.get_variable(
        "wide", {80, 300},
        {.type = dtype::float64, .placement = round_robin({test::first_gpus(2).back()})});
    vars.get_variable("cast", {80, 300});
    init_from_checkpoint(vars, directory / "big", {{"/", "/"}, {"numbers", "cast"}},
                         {.missing = init_options::missing_tensor::keep, .cast = true});
    load_options options = small_chunks();
    options.min_run_bytes = min_run_bytes;
    run_initializers(vars, options);
    const auto text = [&](const char* name) {
      const auto bytes = resident_bytes(vars.find(name).value());
      return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    EXPECT_TRUE(text("halves") == halves);
    EXPECT_TRUE(text("complex") == complex);
    EXPECT_TRUE(text("wide") == wide);
    EXPECT_TRUE(text("cast") == test::bytes_of(test::counted<float>(count)));
    const std::string column = text("numbers/part_1");
    for (std::size_t row = 0; row < 80; ++row) {
      EXPECT_EQ(column.substr(400 * row, 400), numbers.substr(1200 * row + 400, 400)) << row;
    }
    EXPECT_TRUE(verify(vars).complete());
  }
}

TEST_F(cuda_load, a_kept_engine_pins_memory_once) {
  if (!cudaemu_present()) GTEST_SKIP() << "counters are the emulator's";
  engine kept;
  load_options options = small_chunks();
  options.engine = &kept;
  const contents wanted = expected();
  std::uint64_t pinned = 0;
  for (int round = 0; round < 3; ++round) {
    variable_store vars = model_.make({"cuda:0"});
    run_initializers(vars, options);
    EXPECT_TRUE(contents_of(vars) == wanted);
    if (round == 0) pinned = cudaemu_call_count("cudaHostAlloc");
  }
  EXPECT_EQ(cudaemu_call_count("cudaHostAlloc"), pinned);
}

TEST_F(cuda_load, a_bit_flipped_in_device_memory_is_found_and_named) {
  variable_store vars = model_.make(test::first_gpus(2));
  run_initializers(vars, small_chunks());
  ASSERT_TRUE(verify(vars).complete());
  for (const variable& v : vars.variables()) {
    if (v.name() == "filled") continue;  // nothing to compare with
    for (const variable& part : v.parts()) {
      const auto middle = static_cast<std::size_t>(part.size_bytes() / 2);
      test::flip_bit(part, middle, 5);
      const verification_report report = verify(vars);
      ASSERT_FALSE(report.damage.empty()) << part.name();
      EXPECT_EQ(report.damage[0].code, error_code::corrupt);
      EXPECT_TRUE(report.damage[0].variable == v.name() || report.damage[0].variable == part.name())
          << report.damage[0].message;
      test::flip_bit(part, middle, 5);
    }
    if (v.name().starts_with("small")) break;
  }
  EXPECT_TRUE(verify(vars).complete());
}

TEST_F(cuda_load, several_engines_load_in_several_threads) {
  const contents wanted = expected();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      std::vector<device> gpus = test::first_gpus(2);
      if (i % 2 == 1) std::ranges::reverse(gpus);
      engine own({.reader_threads = 2});
      for (int round = 0; round < 2; ++round) {
        variable_store vars = model_.make(gpus);
        load_options options = small_chunks();
        options.engine = &own;
        run_initializers(vars, options);
        EXPECT_TRUE(contents_of(vars) == wanted);
      }
    });
  }
  for (std::thread& one : threads) one.join();
}

TEST_F(cuda_load, a_variable_too_large_for_the_device_fails_before_any_read) {
  {
    variable_store vars("cuda:0");
    const variable fits = vars.get_variable("fits", {1000});
    vars.get_variable("large", {std::int64_t{1} << 40});
    try {
      run_initializers(vars);
      FAIL() << "there is no such memory";
    } catch (const error& thrown) {
      EXPECT_EQ(thrown.code(), error_code::out_of_memory);
      EXPECT_NE(std::string(thrown.what()).find("cuda:0"), std::string::npos) << thrown.what();
    }
    EXPECT_FALSE(fits.is_initialized());
  }
  EXPECT_EQ(cudaemu_present() ? cudaemu_leak_report(nullptr, nullptr) : 0U, 0U);
}

TEST_F(cuda_load, an_absent_device_is_named) {
  variable_store vars("cuda:63");
  vars.get_variable("v", {10});
  try {
    run_initializers(vars);
    FAIL() << "there is no such device";
  } catch (const error& thrown) {
    EXPECT_EQ(thrown.code(), error_code::device);
    EXPECT_NE(std::string(thrown.what()).find("cuda:63"), std::string::npos);
  }
}

}  // namespace
}  // namespace warmstart::detail
