#include <gtest/gtest.h>

#include <memory>

#include "support/load_fixture.hpp"
#include "support/scripted_backend.hpp"

namespace warmstart {
namespace {

using test::box_of;
using test::load_fixture;
using test::scripted_backend;

// An engine that is kept tries a smaller ring with what a larger one left behind.
TEST(staging_ring, after_mirrors_are_refused_a_smaller_ring_does) {
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

}  // namespace
}  // namespace warmstart
