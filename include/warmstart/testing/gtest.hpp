#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

#include "warmstart/device.hpp"
#include "warmstart/memory.hpp"
#include "warmstart/testing/check_result.hpp"
#include "warmstart/testing/compare.hpp"
#include "warmstart/testing/memory.hpp"
#include "warmstart/testing/poison.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart::testkit {

/// What a check found out, for GoogleTest to tell: EXPECT_TRUE(assertion(all_written(kernel))).
inline ::testing::AssertionResult assertion(const check_result& result) {
  if (result) return ::testing::AssertionSuccess() << "the check passed";
  return ::testing::AssertionFailure() << result.message;
}

/// A fixture whose tests must give their device memory back. Each has a store of its own, whose
/// memory is tracked, and poison until it is written:
///
///     class trainer_test : public warmstart::testkit::device_memory_test {};
///
///     TEST_F(trainer_test, starts_from_the_checkpoint) {
///       auto kernel = vars().get_variable("kernel", {1024, 1024});
///       ...
///     }
///
/// When a test ends, the members of the fixture and then its store go; what is live then, because a
/// handle is kept somewhere or `memory()` is used without a deallocation, fails the test. Memory
/// from elsewhere is not seen.
class device_memory_test : public ::testing::Test {
 public:
  device_memory_test(const device_memory_test&) = delete;
  device_memory_test& operator=(const device_memory_test&) = delete;
  ~device_memory_test() override {
    vars_.reset();
    EXPECT_TRUE(assertion(memory_->all_returned()));
  }

 protected:
  /// `source`: where the tracked memory comes from.
  explicit device_memory_test(
      const device& where = device::best(),
      std::shared_ptr<memory_resource> source = std::make_shared<poisoning_memory>())
      : memory_(std::make_shared<tracking_memory>(std::move(source))),
        vars_(std::in_place, where, memory_) {}

  [[nodiscard]] variable_store& vars() { return *vars_; }
  /// What the store allocates from; for further stores, too.
  [[nodiscard]] const std::shared_ptr<tracking_memory>& memory() const { return memory_; }

 private:
  std::shared_ptr<tracking_memory> memory_;
  std::optional<variable_store> vars_;
};

}  // namespace warmstart::testkit
