#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <utility>

#include "support/load_fixture.hpp"
#include "support/scripted_backend.hpp"

namespace warmstart::detail {
namespace {

using test::box_of;
using test::expect_large;
using test::LARGE;
using test::load_fixture;
using test::make_large;
using test::scripted_backend;

// An engine that is kept tries a smaller lease with what a larger one left behind.
TEST(staging_pool, lends_a_smaller_lease_after_mirrors_were_refused) {
  load_fixture it;
  it.options.chunk_bytes = min_chunk_bytes;
  it.source.tensor("a", dtype::float32, {300, 400});
  for (const char* where : {"cuda:0", "cuda:1", "cpu:0"}) {
    it.rows.variable(where, dtype::float32, {300, 400}, {box_of({{0, 300}, {0, 150}})}, where);
  }
  it.store();
  const transfer_plan large = it.plan({0, 0, 0});
  const auto most = static_cast<std::size_t>(large.mirror_bytes * large.slot_count);
  it.engine.use(std::make_unique<scripted_backend>(device("cuda:0"), scripted_backend::script{}));
  it.engine.use(std::make_unique<scripted_backend>(
      device("cuda:1"), scripted_backend::script{.mirror_limit = most / 2}));
  for (int again = 0; again < 2; ++again) {
    try {
      it.load(large);
      FAIL() << "cuda:1 has no memory for its mirrors";
    } catch (const error& refused) {
      EXPECT_EQ(refused.code(), error_code::out_of_memory);
    }
    EXPECT_EQ(it.files.reads(), 0);
  }
  it.options.budget_bytes = large.staging_bytes() / 2;
  it.load(it.plan({0, 0, 0}));
  EXPECT_TRUE(it.memory[0] == it.memory[2]);
  EXPECT_TRUE(it.memory[1] == it.memory[2]);
}

// The copies of the first load read its slots after the second load has been given larger ones.
TEST(staging_pool, does_not_free_slots_that_a_device_still_reads) {
  load_fixture it;
  make_large(it, "cuda:0");
  auto made = std::make_unique<scripted_backend>(
      device("cuda:0"), scripted_backend::script{.polls = std::numeric_limits<int>::max()});
  scripted_backend& device = *made;
  it.engine.use(std::move(made));
  int stream = 0;
  it.streams = {{.backend = &device, .stream = &stream}};
  it.options.budget_bytes = 64 * mebibyte;
  const transfer_plan small = it.plan(LARGE);
  const load_result first = it.load(small);
  const auto rows_of_first = std::move(it.memory);
  it.options.chunk_bytes = 4 * min_chunk_bytes;
  const transfer_plan large = it.plan(LARGE);
  ASSERT_NE(large.slot_bytes, small.slot_bytes);
  const load_result second = it.load(large);
  ASSERT_FALSE(first.pending.at(0).done->done());
  first.pending.at(0).done->wait();
  std::vector<std::vector<std::byte>> rows_of_second = rows_of_first;
  rows_of_second.swap(it.memory);
  expect_large(it);
  second.pending.at(0).done->wait();
  rows_of_second.swap(it.memory);
  expect_large(it);
}

// Nothing reads the slots any more once the completion is done, so the next load has them again.
TEST(staging_pool, lends_slots_again_when_no_device_reads_them) {
  load_fixture it;
  make_large(it, "cuda:0");
  auto made = std::make_unique<scripted_backend>(device("cuda:0"), scripted_backend::script{});
  scripted_backend& device = *made;
  it.engine.use(std::move(made));
  int stream = 0;
  it.streams = {{.backend = &device, .stream = &stream}};
  it.options.budget_bytes = 64 * mebibyte;
  it.load(it.plan(LARGE)).pending.at(0).done->wait();
  const std::size_t once = device.staging_bytes;
  it.load(it.plan(LARGE)).pending.at(0).done->wait();
  EXPECT_EQ(device.staging_bytes, once);
  expect_large(it);
}

}  // namespace
}  // namespace warmstart::detail
