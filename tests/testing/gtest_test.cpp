#include "warmstart/testing/gtest.hpp"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <optional>

#include "warmstart/run.hpp"

namespace warmstart::testkit {
namespace {

TEST(assertion, tells_what_a_check_found) {
  EXPECT_TRUE(assertion(check_result{}));
  EXPECT_NONFATAL_FAILURE(EXPECT_TRUE(assertion({.passed = false, .message = "it is wrong"})),
                          "it is wrong");
  EXPECT_NONFATAL_FAILURE(EXPECT_FALSE(assertion(check_result{})), "the check passed");
}

/// A test, to be run within one. Has members that keep variables, as fixtures do.
class inner_test : public device_memory_test {
 public:
  inner_test() : device_memory_test("cpu:0") {}
  void TestBody() override {}

  variable make() {
    const variable v = vars().get_variable("v", {10}, {.initializer = zeros()});
    run_initializers(vars());
    return v;
  }
  using device_memory_test::memory;
  using device_memory_test::vars;

  std::optional<variable> member;
};

TEST(device_memory_test, passes_if_all_memory_comes_back) {
  inner_test test;
  test.member = test.make();
  EXPECT_TRUE(assertion(all_written(*test.member)));
  EXPECT_EQ(test.memory()->usage().live_bytes, 40U);
}

TEST(device_memory_test, fails_with_a_variable_that_is_kept) {
  static std::optional<variable> kept;
  EXPECT_NONFATAL_FAILURE(
      {
        inner_test test;
        kept = test.make();
      },
      "40 bytes on cpu:0 are still allocated");
  kept.reset();
}

TEST(device_memory_test, fails_with_memory_that_is_not_given_back) {
  static std::shared_ptr<tracking_memory> memory;
  static void* block = nullptr;
  EXPECT_NONFATAL_FAILURE(
      {
        inner_test test;
        memory = test.memory();
        block = memory->tagged("scratch")->allocate(8, "cpu:0");
      },
      "8 bytes on cpu:0 are still allocated (scratch)");
  memory->deallocate(block, 8, "cpu:0");
  EXPECT_TRUE(assertion(memory->all_returned()));
  memory.reset();
}

TEST(device_memory_test, memory_is_poison_unless_it_is_the_callers) {
  inner_test test;
  void* const fresh = test.memory()->allocate(4, "cpu:0");
  EXPECT_FALSE(assertion(all_written({.data = fresh, .type = dtype::float32})));
  test.memory()->deallocate(fresh, 4, "cpu:0");

  class limited_test : public device_memory_test {
   public:
    limited_test() : device_memory_test("cpu:0", std::make_shared<limited_memory>(30)) {}
    void TestBody() override {
      (void)vars().get_variable("v", {10});
      EXPECT_THROW((void)run_initializers(vars()), error);
    }
  };
  limited_test().TestBody();
}

// A real one.
class tracked : public device_memory_test {
 protected:
  variable member_ = vars().get_variable("member", {3});
};

TEST_F(tracked, has_a_store_of_its_own) {
  const variable v = vars().get_variable("v", {10});
  run_initializers(vars());
  EXPECT_EQ(memory()->usage().live_bytes, 52U);
  EXPECT_TRUE(assertion(all_written(v)));
  EXPECT_TRUE(assertion(all_written(member_)));
}

}  // namespace
}  // namespace warmstart::testkit
