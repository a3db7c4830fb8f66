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

/// Converts a check result for GoogleTest: EXPECT_TRUE(assertion(all_written(kernel))).
inline ::testing::AssertionResult assertion(const check_result& result) {
  if (result) return ::testing::AssertionSuccess() << "the check passed";
  return ::testing::AssertionFailure() << result.message;
}

/// A fixture that fails tests which leak device memory. Each test has its own store, whose memory
/// is tracked and filled with the poison pattern:
///
///     class trainer_test : public warmstart::testkit::device_memory_test {};
///
///     TEST_F(trainer_test, starts_from_the_checkpoint) {
///       auto kernel = vars().get_variable("kernel", {1024, 1024});
///       ...
///     }
///
/// At the end of a test, the members of the derived fixture and then the store are destroyed. The
/// test fails if allocations are still live then, because a handle was kept or memory from
/// `memory()` was not deallocated. Memory from other resources is not tracked.
class device_memory_test : public ::testing::Test {
 public:
  device_memory_test(const device_memory_test&) = delete;
  device_memory_test& operator=(const device_memory_test&) = delete;
  ~device_memory_test() override {
    vars_.reset();
    EXPECT_TRUE(assertion(memory_->all_returned()));
  }

 protected:
  /// `source` provides the tracked memory.
  explicit device_memory_test(
      const device& device = device::best(),
      std::shared_ptr<memory_resource> source = std::make_shared<poisoning_memory>())
      : memory_(std::make_shared<tracking_memory>(std::move(source))),
        vars_(std::in_place, device, memory_) {}

  [[nodiscard]] variable_store& vars() { return *vars_; }
  /// The resource of the store; other stores may use it too.
  [[nodiscard]] const std::shared_ptr<tracking_memory>& memory() const { return memory_; }

 private:
  std::shared_ptr<tracking_memory> memory_;
  std::optional<variable_store> vars_;
};

}  // namespace warmstart::testkit
