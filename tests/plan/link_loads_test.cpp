#include "plan/link_loads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace warmstart::detail {
namespace {

constexpr std::int64_t GIGABYTE = 1'000'000'000;

std::vector<device> gpus(int count) {
  std::vector<device> made;
  for (int i = 0; i < count; ++i) made.emplace_back(device_kind::cuda, i);
  return made;
}

link_speeds all_peers(int count, double peer_gbps) {
  link_speeds speeds;
  for (const device& from : gpus(count)) {
    for (const device& to : gpus(count)) {
      if (from != to) speeds.peer_gbps[{from, to}] = peer_gbps;
    }
  }
  return speeds;
}

std::size_t sent_by_host(const std::vector<delivery>& ways) {
  return static_cast<std::size_t>(std::count_if(ways.begin(), ways.end(), [](const delivery& way) {
    return way.source == delivery::from_host;
  }));
}

TEST(link_loads, without_peers_the_host_sends_everything) {
  const link_speeds speeds;
  link_loads loads(speeds);
  EXPECT_EQ(sent_by_host(loads.spread(gpus(3), GIGABYTE, GIGABYTE)), 3U);
}

TEST(link_loads, fast_peers_pass_on_what_the_host_sends_once) {
  const link_speeds speeds = all_peers(8, 400);
  link_loads loads(speeds);
  const auto to = gpus(8);
  std::set<std::size_t> roots;
  for (int i = 0; i < 8; ++i) {
    const auto ways = loads.spread(to, GIGABYTE, GIGABYTE);
    ASSERT_EQ(ways.size(), 8U);
    EXPECT_EQ(sent_by_host(ways), 1U) << i;
    EXPECT_EQ(ways.front().source, delivery::from_host);
    roots.insert(ways.front().device);
    // A sender has received the bytes before, and each receiver gets them once.
    std::set<std::size_t> have;
    for (const delivery& way : ways) {
      EXPECT_TRUE(way.source == delivery::from_host || have.contains(way.source));
      EXPECT_TRUE(have.insert(way.device).second);
    }
  }
  EXPECT_EQ(roots.size(), 8U) << "each host link sends one of eight pieces";
}

TEST(link_loads, slow_peers_are_left_alone) {
  const link_speeds speeds = all_peers(2, 1);
  link_loads loads(speeds);
  EXPECT_EQ(sent_by_host(loads.spread(gpus(2), GIGABYTE, GIGABYTE)), 2U);
}

TEST(link_loads, a_cast_that_makes_more_bytes_counts_them_on_both_links) {
  const link_speeds speeds = all_peers(2, 30);  // a little faster than the host's 25
  EXPECT_EQ(sent_by_host(link_loads(speeds).spread(gpus(2), GIGABYTE, GIGABYTE)), 1U);
  EXPECT_EQ(sent_by_host(link_loads(speeds).spread(gpus(2), GIGABYTE, 2 * GIGABYTE)), 2U);
}

TEST(link_loads, traffic_that_a_link_already_carries_counts) {
  const link_speeds speeds = all_peers(2, 20);  // slower than an idle host link
  link_loads loads(speeds);
  EXPECT_EQ(sent_by_host(loads.spread(gpus(2), GIGABYTE, GIGABYTE)), 2U);
  loads.add_from_host("cuda:1", 10 * GIGABYTE);
  const auto ways = loads.spread(gpus(2), GIGABYTE, GIGABYTE);
  EXPECT_EQ(ways.front().device, 0U);
  EXPECT_EQ(ways.back().source, 0U);
}

TEST(link_loads, links_have_directions) {
  link_speeds speeds;
  speeds.peer_gbps[{device("cuda:1"), device("cuda:0")}] = 400;
  speeds.device_gbps["cuda:0"] = 100;  // so cuda:0 has it first, and cannot pass it on
  EXPECT_EQ(sent_by_host(link_loads(speeds).spread(gpus(2), GIGABYTE, GIGABYTE)), 2U);
}

}  // namespace
}  // namespace warmstart::detail
