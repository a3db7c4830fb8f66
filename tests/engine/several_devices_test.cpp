// Loads to several slow devices: what they share, and what they do not wait for.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/load_fixture.hpp"
#include "support/scripted_backend.hpp"

namespace warmstart::detail {
namespace {

using test::box_of;
using test::load_fixture;
using test::scripted_backend;

TEST(several_devices, one_read_serves_several_devices) {
  load_fixture it;
  it.source.tensor("a", dtype::float32, {1000});
  it.rows.variable("x", dtype::float32, {1000}, {}, "cuda:0")
      .variable("y", dtype::float32, {1000}, {}, "cuda:1")
      .variable("z", dtype::float32, {1000}, {}, "cpu:0");
  it.store();
  it.engine.use(std::make_unique<scripted_backend>(device("cuda:0"), scripted_backend::script{}));
  it.engine.use(
      std::make_unique<scripted_backend>(device("cuda:1"), scripted_backend::script{.polls = 9}));
  it.load(it.plan({0, 0, 0}));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(it.memory[i], it.expected_rows(i, 0));
  EXPECT_EQ(it.files.reads(), 1);
}

// The stuck device is first in the file and holds its share of the ring, no more; what the others
// want comes past it, a chunk that it shares with one of them excepted.
TEST(several_devices, a_device_that_is_stuck_does_not_stall_others) {
  load_fixture it;
  it.options.chunk_bytes = min_chunk_bytes;
  it.options.budget_bytes = 6 * (min_chunk_bytes + 4 * kibibyte);
  it.source.tensor("a", dtype::uint8, {10 * min_chunk_bytes})
      .tensor("b", dtype::uint8, {10 * min_chunk_bytes})
      .tensor("c", dtype::uint8, {10 * min_chunk_bytes});
  it.rows.variable("a", dtype::uint8, {10 * min_chunk_bytes}, {}, "cuda:0")
      .variable("b", dtype::uint8, {10 * min_chunk_bytes}, {}, "cuda:1")
      .variable("c", dtype::uint8, {10 * min_chunk_bytes}, {}, "cpu:0");
  it.store();
  auto quick = std::make_unique<scripted_backend>(device("cuda:1"), scripted_backend::script{});
  const scripted_backend& others = *quick;
  int polls = 0;
  it.engine.use(std::make_unique<scripted_backend>(
      device("cuda:0"), scripted_backend::script{.polls = 0, .stuck = [&] {
                                                   return others.tickets_done < 10 &&
                                                          ++polls < 100'000;
                                                 }}));
  it.engine.use(std::move(quick));
  const transfer_plan plan = it.plan({0, 1, 2});
  ASSERT_LT(plan.slot_count, 10);
  it.load(plan);
  EXPECT_LT(polls, 100'000) << "cuda:1 waited for cuda:0";
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_TRUE(it.memory[i] == it.expected_rows(i, i)) << i;
}

// Whole pieces as chunks bring them, and a strided row when all has come; passed on twice.
TEST(several_devices, replicas_take_their_bytes_from_one_another) {
  for (const int polls : {0, 3, 50}) {
    load_fixture it(3);
    it.options.chunk_bytes = min_chunk_bytes;
    it.options.min_run_bytes = 4096;
    const std::vector<device> all = {"cuda:0", "cuda:1", "cuda:2", "cuda:3"};
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
      it.options.links.peer_gbps[{all[i], all[i + 1]}] = 400;
      it.options.links.peer_gbps[{all[i + 1], all[i]}] = 400;
    }
    it.source.tensor("a", dtype::uint8, {333'333})
        .tensor("columns", dtype::float32, {400, 200},
                {box_of({{0, 400}, {0, 100}}), box_of({{0, 400}, {100, 100}})});
    it.rows.replicas("a", dtype::uint8, {333'333}, all)
        .replicas("columns", dtype::float32, {400, 200}, all)
        .variable("on the host", dtype::float32, {400, 200}, {}, "cpu:0");
    it.store();
    std::vector<scripted_backend*> devices;
    for (const device& where : all) {
      auto made =
          std::make_unique<scripted_backend>(where, scripted_backend::script{.polls = polls});
      devices.push_back(made.get());
      it.engine.use(std::move(made));
    }
    const transfer_plan plan = it.plan({0, 0, 0, 0, 1, 1, 1, 1, 1});
    EXPECT_TRUE(std::any_of(plan.relays.begin(), plan.relays.end(),
                            [](const relay& one) { return one.after != relay::host; }));
    it.load(plan);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_TRUE(it.memory[i] == it.expected_rows(i, 0)) << i;
      EXPECT_TRUE(it.memory[4 + i] == it.memory[8]) << i;
    }
    std::size_t taken = 0;
    std::size_t planned = 0;
    for (const scripted_backend* one : devices) taken += one->taken_bytes;
    for (const relay& one : plan.relays) {
      planned += static_cast<std::size_t>(one.bytes.end - one.bytes.begin);
    }
    EXPECT_EQ(taken, planned);
    EXPECT_GT(taken, 2 * it.memory[0].size());
  }
}

/// Two devices with replicas that pass bytes on, parts in turn on both and on the host, and a row
/// of each alone.
class two_devices : public testing::Test {
 protected:
  two_devices() {
    it.options.chunk_bytes = min_chunk_bytes;
    it.options.min_run_bytes = 4096;
    it.options.links.peer_gbps = {{{"cuda:0", "cuda:1"}, 400}, {{"cuda:1", "cuda:0"}, 400}};
    std::vector<slice> parts;
    for (std::int64_t i = 0; i < 3; ++i) parts.push_back(box_of({{i * 100, 100}, {0, 200}}));
    it.source.tensor("replicas", dtype::uint8, {333'333})
        .tensor("parts", dtype::float32, {300, 200})
        .tensor("columns", dtype::float32, {400, 200},
                {box_of({{0, 400}, {0, 100}}), box_of({{0, 400}, {100, 100}})});
    it.rows.replicas("replicas", dtype::uint8, {333'333}, {"cuda:0", "cuda:1"})
        .round_robin("parts", dtype::float32, {300, 200}, parts, {"cuda:0", "cuda:1", "cpu:0"})
        .variable("columns", dtype::float32, {400, 200}, {}, "cuda:1")
        .variable("columns on the host", dtype::float32, {400, 200});
    it.store();
    plan = it.plan(TENSORS);
  }

  inline static const std::vector<std::uint32_t> TENSORS = {0, 0, 1, 1, 1, 2, 2};

  /// Devices with these scripts; they are fresh for every load.
  void use(const scripted_backend::script& first, const scripted_backend::script& second) {
    auto one = std::make_unique<scripted_backend>(device("cuda:0"), first);
    auto other = std::make_unique<scripted_backend>(device("cuda:1"), second);
    devices = {one.get(), other.get()};
    it.engine.use(std::move(one));
    it.engine.use(std::move(other));
  }

  void load_and_expect_all() {
    use({.polls = 2}, {.polls = 2});
    it.load(plan);
    for (const std::size_t row : {0U, 1U}) EXPECT_TRUE(it.memory[row] == it.expected_rows(row, 0));
    for (const std::size_t row : {2U, 3U, 4U}) {
      EXPECT_TRUE(it.memory[row] == it.expected_rows(row, 1));
    }
    EXPECT_TRUE(it.memory[5] == it.memory[6]);
    EXPECT_GT(devices[0]->taken_bytes + devices[1]->taken_bytes, 0U);
  }

  load_fixture it{1};
  transfer_plan plan;
  std::vector<scripted_backend*> devices;
};

TEST_F(two_devices, every_failing_call_of_one_drains_both) {
  for (const std::size_t failing : {0U, 1U}) {
    int failures = 0;
    for (int n = 0;; ++n) {
      ASSERT_LT(n, 10'000);
      use({.polls = 1, .fail_call = failing == 0 ? n : -1},
          {.polls = 1, .fail_call = failing == 1 ? n : -1});
      try {
        it.load(plan);
        EXPECT_LE(devices[failing]->calls, n) << "the fault was beyond the last call";
        break;
      } catch (const error& thrown) {
        EXPECT_EQ(thrown.code(), error_code::device);
        EXPECT_TRUE(devices[0]->drained);
        EXPECT_TRUE(devices[1]->drained);
        EXPECT_EQ(it.files.open_files(), 0);
        ++failures;
      }
    }
    EXPECT_GT(failures, 10);
  }
  load_and_expect_all();
}

TEST_F(two_devices, cancellation_at_every_call_leaves_nothing_running) {
  int cancelled = 0;
  for (int n = 0;; ++n) {
    ASSERT_LT(n, 10'000);
    it.stop = std::stop_source();
    int calls = 0;
    const auto count = [&](int) {
      if (calls++ == n) it.stop.request_stop();
    };
    use({.polls = 1, .on_call = count}, {.polls = 1, .on_call = count});
    bool loaded = false;
    try {
      it.load(plan);
      loaded = true;
    } catch (const error& thrown) {
      EXPECT_EQ(thrown.code(), error_code::cancelled);
      EXPECT_TRUE(devices[0]->idle());
      EXPECT_TRUE(devices[1]->idle());
      ++cancelled;
    }
    EXPECT_EQ(it.files.open_files(), 0);
    if (loaded && calls <= n) break;
  }
  EXPECT_GT(cancelled, 40);
  it.stop = std::stop_source();
  load_and_expect_all();
}

// Devices are busy with earlier chunks when a later one is not what its checksum says, or the file
// is not as long, or as old, as it was.
TEST_F(two_devices, a_file_that_changes_while_copies_are_in_flight_fails_the_load) {
  const std::vector<std::byte> stored = it.files.contents("data");
  const auto chunks = static_cast<std::int64_t>(plan.chunks.size());
  using change = std::function<void(std::vector<std::byte>&)>;
  // The end is read last, by the read at which it changes or a later one.
  const std::vector<change> changes = {
      [](std::vector<std::byte>& bytes) { bytes.back() ^= std::byte{1}; },
      [](std::vector<std::byte>& bytes) { bytes.pop_back(); },
      [&](std::vector<std::byte>& bytes) { it.files.put("data", std::vector(bytes)); }};
  for (const change& made : changes) {
    for (std::int64_t n = 0; n < chunks; ++n) {
      use({.polls = 20}, {.polls = 20});
      const std::int64_t before = it.files.reads();
      it.files.on_read([&](std::int64_t number) {
        if (number - before == n) made(it.files.contents("data"));
      });
      try {
        it.load(plan);
        ADD_FAILURE() << "the change at read " << n << " was not noticed";
      } catch (const error& thrown) {
        EXPECT_TRUE(thrown.code() == error_code::corrupt || thrown.code() == error_code::io);
        EXPECT_NE(std::string(thrown.what()).find("data"), std::string::npos) << thrown.what();
        EXPECT_TRUE(devices[0]->drained);
        EXPECT_TRUE(devices[1]->drained);
      }
      it.files.on_read({});
      it.files.put("data", stored);
      it.source.get().files[0].identity = it.files.identify("data");
      plan = it.plan(TENSORS);
    }
  }
  load_and_expect_all();
}

TEST_F(two_devices, cancellation_at_every_fill_leaves_nothing_running) {
  const shape full{100};
  const slice where = slice::all_of(full);
  std::vector<std::vector<float>> rows(6, std::vector<float>(100));
  std::vector<fill_command> fills;
  for (auto& row : rows) {
    fills.push_back({.spec = {fill_spec::distribution::constant, 2.5},
                     .type = dtype::float32,
                     .full_shape = &full,
                     .slice = &where,
                     .destination = reinterpret_cast<std::byte*>(row.data())});
  }
  int cancelled = 0;
  for (int n = 0;; ++n) {
    ASSERT_LT(n, 100);
    it.stop = std::stop_source();
    int calls = 0;
    const auto count = [&](int) {
      if (calls++ == n) it.stop.request_stop();
    };
    use({.on_call = count}, {.on_call = count});
    bool filled = false;
    it.engine.on_driver([&] {
      std::vector<backend*> backends;
      for (std::size_t i = 0; i < fills.size(); ++i) backends.push_back(devices[i % 2]);
      try {
        it.engine.fill(fills, backends, {}, it.stop.get_token());
        filled = true;
      } catch (const error& thrown) {
        EXPECT_EQ(thrown.code(), error_code::cancelled);
        ++cancelled;
      }
    });
    EXPECT_TRUE(devices[0]->idle());
    EXPECT_TRUE(devices[1]->idle());
    if (filled && calls <= n) break;
  }
  EXPECT_GE(cancelled, 5);  // more if a reader comes late: it looks, too
  for (const auto& row : rows) EXPECT_EQ(row, std::vector<float>(100, 2.5F));
}

}  // namespace
}  // namespace warmstart::detail
