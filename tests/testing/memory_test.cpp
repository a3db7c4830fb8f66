#include "warmstart/testing/memory.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <utility>

#include "support/small_model.hpp"
#include "warmstart/error.hpp"
#include "warmstart/run.hpp"

namespace warmstart::testkit {

using namespace detail;

namespace {

using test::error_of;

/// Returns addresses without memory for any device, and records deallocations.
class address_source final : public memory_resource {
 public:
  using block = std::pair<std::size_t, device>;

  void* allocate(std::size_t size_bytes, const device& where) override {
    given.emplace_back(size_bytes, where);
    return &memory_[repeats ? 0 : given.size()];
  }
  void deallocate(void* /*data*/, std::size_t size_bytes, const device& where) noexcept override {
    returned.emplace_back(size_bytes, where);
  }

  bool repeats = false;  ///< always the same address, as no source should
  std::vector<block> given;
  std::vector<block> returned;

 private:
  std::array<std::byte, 100> memory_{};
};

TEST(tracking_memory, counts_by_device_and_by_tag) {
  const auto source = std::make_shared<address_source>();
  tracking_memory memory(source);
  const auto slots = memory.tagged("slots");
  void* const a = memory.allocate(100, "cpu:0");
  void* const b = slots->allocate(30, "cpu:0");
  void* const c = slots->allocate(7, "cuda:1");
  EXPECT_EQ(memory.usage(), (memory_usage{137, 3, 137, 3}));
  EXPECT_EQ(memory.usage_on("cpu:0"), (memory_usage{130, 2, 130, 2}));
  EXPECT_EQ(memory.usage_of("slots"), (memory_usage{37, 2, 37, 2}));
  EXPECT_EQ(memory.live(),
            (std::vector<live_block>{
                {100, "cpu:0", ""}, {30, "cpu:0", "slots"}, {7, "cuda:1", "slots"}}));

  slots->deallocate(b, 30, "cpu:0");
  memory.deallocate(a, 100, "cpu:0");
  void* const d = memory.allocate(50, "cuda:1");
  EXPECT_EQ(memory.usage(), (memory_usage{57, 2, 137, 4}));
  EXPECT_EQ(memory.usage_on("cuda:1"), (memory_usage{57, 2, 57, 2}));
  EXPECT_EQ(memory.usage_of(""), (memory_usage{50, 1, 100, 2}));

  memory.deallocate(d, 50, "cuda:1");
  slots->deallocate(c, 7, "cuda:1");
  EXPECT_EQ(memory.usage(), (memory_usage{0, 0, 137, 4}));
  EXPECT_TRUE(memory.all_returned());
  EXPECT_EQ(memory.all_returned().message, "");
  EXPECT_EQ(source->given, (std::vector<address_source::block>{
                               {100, "cpu:0"}, {30, "cpu:0"}, {7, "cuda:1"}, {50, "cuda:1"}}));
  EXPECT_EQ(source->returned.size(), 4U);
}

TEST(tracking_memory, knows_nothing_of_what_was_never_used) {
  const tracking_memory memory;
  EXPECT_EQ(memory.usage(), memory_usage{});
  EXPECT_EQ(memory.usage_on("cuda:5"), memory_usage{});
  EXPECT_EQ(memory.usage_of("nothing"), memory_usage{});
  EXPECT_TRUE(memory.live().empty());
}

TEST(tracking_memory, lists_live_allocations) {
  tracking_memory memory(std::make_shared<address_source>());
  (void)memory.allocate(64, "cpu:0");
  (void)memory.tagged("slots")->allocate(32, "cuda:1");
  EXPECT_FALSE(memory.all_returned());
  EXPECT_EQ(memory.all_returned().message,
            "64 bytes on cpu:0 are still allocated\n"
            "32 bytes on cuda:1 are still allocated (slots)");
  for (int i = 0; i < 20; ++i) (void)memory.allocate(1, "cpu:0");
  EXPECT_TRUE(memory.all_returned().message.ends_with("\nand 12 more allocations"))
      << memory.all_returned().message;
}

TEST(tracking_memory, reports_invalid_deallocations) {
  const auto source = std::make_shared<address_source>();
  tracking_memory memory(source);
  void* const a = memory.allocate(64, "cpu:0");
  void* const b = memory.allocate(32, "cpu:0");
  memory.deallocate(a, 60, "cpu:0");
  memory.tagged("slots")->deallocate(b, 32, "cuda:1");  // of another device, by another tag
  memory.deallocate(a, 64, "cpu:0");                    // again
  EXPECT_EQ(source->returned, (std::vector<address_source::block>{{64, "cpu:0"}, {32, "cpu:0"}}));
  EXPECT_EQ(memory.usage(), (memory_usage{0, 0, 96, 2}));
  EXPECT_FALSE(memory.all_returned());
  EXPECT_EQ(memory.all_returned().message,
            "64 bytes on cpu:0 were deallocated as 60 bytes on cpu:0\n"
            "32 bytes on cpu:0 were deallocated as 32 bytes on cuda:1\n"
            "64 bytes on cpu:0 were deallocated but not allocated");
}

TEST(tracking_memory, reports_a_source_that_returns_an_address_twice) {
  const auto source = std::make_shared<address_source>();
  source->repeats = true;
  tracking_memory memory(source);
  void* const a = memory.allocate(64, "cpu:0");
  memory.deallocate(a, 64, "cpu:0");
  EXPECT_TRUE(memory.all_returned());
  (void)memory.allocate(64, "cpu:0");
  (void)memory.allocate(32, "cpu:0");
  EXPECT_EQ(memory.usage(), (memory_usage{96, 2, 96, 3}));
  EXPECT_TRUE(memory.all_returned().message.ends_with(
      "\n32 bytes on cpu:0 were allocated at an address that is in use"));
}

TEST(tracking_memory, does_not_count_what_failed) {
  const auto limited = std::make_shared<limited_memory>(100);
  tracking_memory memory(limited);
  void* const a = memory.allocate(60, "cpu:0");
  EXPECT_EQ(error_of([&] { return memory.allocate(60, "cpu:0"); }).code(),
            error_code::out_of_memory);
  EXPECT_EQ(memory.usage(), (memory_usage{60, 1, 60, 1}));
  memory.deallocate(a, 60, "cpu:0");
  EXPECT_EQ(limited->live_bytes(), 0U);
}

TEST(tracking_memory, is_outlived_by_its_tags) {
  std::shared_ptr<memory_resource> slots;
  {
    const tracking_memory memory;
    slots = memory.tagged("slots");
  }
  slots->deallocate(slots->allocate(64, "cpu:0"), 64, "cpu:0");
}

TEST(limited_memory, fails_beyond_its_limit_and_says_so) {
  limited_memory memory(100);
  EXPECT_EQ(memory.limit_bytes(), 100U);
  void* const a = memory.allocate(60, "cpu:0");
  const error full = error_of([&] { return memory.allocate(41, "cpu:0"); });
  EXPECT_EQ(full.code(), error_code::out_of_memory);
  EXPECT_STREQ(full.what(),
               "cpu:0: cannot allocate 41 bytes: the limit is 100 bytes, of which 60 are in use");
  void* const b = memory.allocate(40, "cpu:0");  // exactly
  EXPECT_EQ(memory.live_bytes(), 100U);
  memory.deallocate(a, 60, "cpu:0");
  memory.deallocate(b, 40, "cpu:0");
  EXPECT_EQ(memory.live_bytes(), 0U);
  EXPECT_EQ(error_of([&] { return memory.allocate(SIZE_MAX, "cpu:0"); }).code(),
            error_code::out_of_memory);
}

TEST(limited_memory, counts_all_devices_together_or_one_alone) {
  const auto source = std::make_shared<address_source>();
  limited_memory together(100, source);
  (void)together.allocate(60, "cuda:0");
  EXPECT_STREQ(error_of([&] { return together.allocate(60, "cuda:1"); }).what(),
               "cuda:1: cannot allocate 60 bytes: the limit is 100 bytes, of which 60 are in use");

  limited_memory alone(100, source, "cuda:1");
  void* const host = alone.allocate(1000, "cpu:0");
  void* const fits = alone.allocate(60, "cuda:1");
  EXPECT_THROW((void)alone.allocate(60, "cuda:1"), error);
  alone.deallocate(host, 1000, "cpu:0");
  EXPECT_EQ(alone.live_bytes(), 60U);
  alone.deallocate(fits, 60, "cuda:1");
  EXPECT_EQ(alone.live_bytes(), 0U);
}

TEST(limited_memory, does_not_count_what_its_source_refused) {
  const auto failing = std::make_shared<failing_memory>();
  limited_memory memory(100, failing);
  failing->fail_at(1);
  EXPECT_THROW((void)memory.allocate(80, "cpu:0"), error);
  EXPECT_EQ(memory.live_bytes(), 0U);
  memory.deallocate(memory.allocate(80, "cpu:0"), 80, "cpu:0");
}

TEST(failing_memory, fails_the_nth_allocation_alone) {
  failing_memory memory;
  const auto use = [&] { memory.deallocate(memory.allocate(8, "cpu:0"), 8, "cpu:0"); };
  use();
  EXPECT_FALSE(memory.failed());
  for (const int nth : {1, 3}) {
    memory.fail_at(static_cast<std::size_t>(nth));
    for (int i = 1; i < nth; ++i) use();
    EXPECT_FALSE(memory.failed());
    const error failed = error_of([&] { return memory.allocate(8, "cpu:0"); });
    EXPECT_EQ(failed.code(), error_code::out_of_memory);
    EXPECT_EQ(failed.what(), "cpu:0: cannot allocate 8 bytes: allocation " + std::to_string(nth) +
                                 " fails on request");
    EXPECT_TRUE(memory.failed());
    use();
    EXPECT_TRUE(memory.failed());
  }
  memory.fail_at(0);
  use();
  EXPECT_FALSE(memory.failed());
}

TEST(test_memory, has_a_source) {
  const auto refusal = [](auto make) { return error_of(make).code(); };
  EXPECT_EQ(refusal([] { return std::make_unique<tracking_memory>(nullptr); }),
            error_code::invalid_argument);
  EXPECT_EQ(refusal([] { return std::make_unique<limited_memory>(1, nullptr); }),
            error_code::invalid_argument);
  EXPECT_EQ(refusal([] { return std::make_unique<failing_memory>(nullptr); }),
            error_code::invalid_argument);
}

TEST(test_memory, lets_one_call_at_a_time_through_to_its_source) {
  const auto source = std::make_shared<address_source>();  // has no lock
  const auto failing = std::make_shared<failing_memory>(source);
  const auto limited = std::make_shared<limited_memory>(1 << 20, failing);
  const auto memory = std::make_shared<tracking_memory>(limited);
  source->repeats = true;
  failing->fail_at(7);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, slots = memory->tagged("thread " + std::to_string(t))] {
        for (int i = 0; i < 500; ++i) {
          try {
            slots->deallocate(slots->allocate(8, "cpu:0"), 8, "cpu:0");
          } catch (const error& failed) {
            EXPECT_EQ(failed.code(), error_code::out_of_memory);
          }
        }
      });
    }
  }
  EXPECT_EQ(source->given.size(), 1999U);
  EXPECT_EQ(source->returned.size(), 1999U);
  EXPECT_EQ(memory->usage().allocations, 1999U);
  EXPECT_EQ(memory->usage().live_bytes, 0U);
  EXPECT_EQ(limited->live_bytes(), 0U);
  EXPECT_TRUE(failing->failed());
}

TEST(test_memory, is_that_of_variables) {
  const auto limited = std::make_shared<limited_memory>(3000);
  const auto memory = std::make_shared<tracking_memory>(limited);
  variable_store vars{"cpu:0", memory};
  vars.get_variable("a", {64, 8}, {.partitioner = fixed_size_partitioner(4)});
  vars.get_variable("b", {100}, {.memory = memory->tagged("slots")});
  run_initializers(vars);
  EXPECT_EQ(memory->usage_of(""), (memory_usage{2048, 4, 2048, 4}));
  EXPECT_EQ(memory->usage_of("slots"), (memory_usage{400, 1, 400, 1}));

  vars.get_variable("c", {200});
  const error full = error_of([&] { return run_initializers(vars); });
  EXPECT_EQ(full.code(), error_code::out_of_memory);
  EXPECT_STREQ(full.what(),
               "variable c on cpu:0: cpu:0: cannot allocate 800 bytes: the limit is 3000 bytes, "
               "of which 2448 are in use");
}

}  // namespace
}  // namespace warmstart::testkit
