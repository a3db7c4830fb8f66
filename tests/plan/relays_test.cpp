// Replicas that get their bytes from one another.

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "plan/transfer_plan.hpp"
#include "support/catalog_builder.hpp"
#include "support/plan_of.hpp"

namespace warmstart::detail {
namespace {

using test::box_of;
using test::catalog_builder;
using test::plan_of;
using test::rows_builder;

/// Two devices whose links to one another are much faster than the host's.
plan_options with_peers() {
  plan_options options;
  options.chunk_bytes = min_chunk_bytes;
  options.min_run_bytes = 4096;
  for (const auto& [from, to] : {std::pair("cuda:0", "cuda:1"), std::pair("cuda:1", "cuda:0")}) {
    options.links.peer_gbps[{device(from), device(to)}] = 400;
  }
  return options;
}

TEST(relays, replicas_pass_on_the_bytes_of_a_chunk) {
  catalog_builder source;
  source.tensor("a", dtype::uint8, {3 * min_chunk_bytes});
  rows_builder rows;
  rows.replicas("x", dtype::uint8, {3 * min_chunk_bytes}, {"cuda:0", "cuda:1"});
  const transfer_plan plan = plan_of(rows, source.get(), {0, 0}, with_peers());
  ASSERT_EQ(plan.chunks.size(), 3U);
  ASSERT_EQ(plan.relays.size(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    const relay& one = plan.relays[i];
    EXPECT_EQ(one.from, i % 2) << "the host's links take turns";
    EXPECT_EQ(one.to, 1 - i % 2);
    EXPECT_EQ(one.bytes, (span_range{i * min_chunk_bytes, (i + 1) * min_chunk_bytes}));
    EXPECT_EQ(one.after, relay::host);
    EXPECT_EQ(one.chunks, 1U);
    const auto waiting = transfer_plan::part(plan.chunk_relays, plan.chunks[i].relays);
    EXPECT_EQ(std::vector(waiting.begin(), waiting.end()), std::vector<std::uint32_t>{i});
    for (const chunk_copy& copy : transfer_plan::part(plan.copies, plan.chunks[i].copies)) {
      const bool first = plan.demands[copy.demand].row == one.from;
      EXPECT_EQ(copy.route, first ? copy_route::run : copy_route::relayed);
    }
  }
}

TEST(relays, replicas_of_strided_rows_pass_them_on_as_a_whole) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {400, 200},
                {box_of({{0, 400}, {0, 100}}), box_of({{0, 400}, {100, 100}})});
  rows_builder rows;
  rows.replicas("x", dtype::float32, {400, 200}, {"cuda:0", "cuda:1"});
  const transfer_plan plan = plan_of(rows, source.get(), {0, 0}, with_peers());
  ASSERT_GT(plan.chunks.size(), 2U);
  ASSERT_EQ(plan.relays.size(), 1U);
  EXPECT_EQ(plan.relays[0].bytes, (span_range{0, 400 * 200 * 4}));
  EXPECT_EQ(plan.relays[0].chunks, plan.chunks.size());
  for (const upload& one : plan.uploads) EXPECT_EQ(one.device, device("cuda:0"));
}

TEST(relays, small_replicas_and_those_without_links_come_from_the_host) {
  catalog_builder source;
  source.tensor("small", dtype::uint8, {4095}).tensor("a", dtype::uint8, {10'000});
  rows_builder rows;
  rows.replicas("s", dtype::uint8, {4095}, {"cuda:0", "cuda:1"})
      .replicas("x", dtype::uint8, {10'000}, {"cuda:0", "cuda:2", "cpu:0"});
  EXPECT_TRUE(plan_of(rows, source.get(), {0, 0, 1, 1, 1}, with_peers()).relays.empty());
}

TEST(relays, replicas_on_the_host_do_not_prevent_relays) {
  catalog_builder source;
  source.tensor("a", dtype::uint8, {10'000});
  rows_builder rows;
  rows.replicas("x", dtype::uint8, {10'000}, {"cuda:0", "cpu:0", "cuda:1"});
  const transfer_plan plan = plan_of(rows, source.get(), {0, 0, 0}, with_peers());
  ASSERT_EQ(plan.relays.size(), 1U);
  EXPECT_EQ(plan.relays[0].from, 0U);
  EXPECT_EQ(plan.relays[0].to, 2U);
}

}  // namespace
}  // namespace warmstart::detail
