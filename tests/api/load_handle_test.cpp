#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using test::counted;
using test::error_of;
using test::values_of;

class load_handle_test : public testing::Test {
 protected:
  test::small_model model_;
  variable_store vars_{"cpu:0"};
};

TEST_F(load_handle_test, wait_returns_the_report_once) {
  const auto t = vars_.get_variable("t", {64, 8});
  init_from_checkpoint(vars_, model_.path(), {{"table", "t"}});
  load_handle handle = run_initializers_async(vars_);
  EXPECT_EQ(handle.wait().rows.size(), 1U);
  EXPECT_TRUE(handle.done());
  EXPECT_EQ(handle.progress().bytes_done, 2048);
  EXPECT_TRUE(t.is_initialized());
  EXPECT_EQ(error_of([&] { return handle.wait(); }).code(), error_code::invalid_argument);
}

TEST_F(load_handle_test, wait_throws_what_the_load_threw) {
  vars_.get_variable("t", {64, 8});
  model_.damage(200);
  init_from_checkpoint(vars_, model_.path(), {{"table", "t"}});
  load_handle handle = run_initializers_async(vars_);
  EXPECT_EQ(error_of([&] { return handle.wait(); }).code(), error_code::corrupt);
}

TEST_F(load_handle_test, destruction_cancels_and_waits) {
  const auto t = vars_.get_variable("t", {64, 8});
  init_from_checkpoint(vars_, model_.path(), {{"table", "t"}});
  std::atomic<bool> inside = false;
  std::atomic<bool> may_go = false;
  {
    load_handle handle = run_initializers_async(vars_, {.progress = [&](const load_progress&) {
                                                  inside = true;
                                                  while (!may_go) std::this_thread::yield();
                                                }});
    while (!inside) std::this_thread::yield();
    handle.cancel();
    may_go = true;
  }
  // It either has all its bytes or is not initialized.
  if (t.is_initialized()) {
    EXPECT_EQ(values_of<float>(t), counted<float>(512));
  }
}

// As when a function returns a store beside the handle of its load.
TEST_F(load_handle_test, the_store_may_move_while_the_load_runs) {
  struct model {
    variable_store vars;
    load_handle load;
  };
  const auto start = [&] {
    variable_store vars{"cpu:0"};
    vars.get_variable("t", {64, 8});
    init_from_checkpoint(vars, model_.path(), {{"table", "t"}});
    load_handle load = run_initializers_async(vars);
    return model{.vars = std::move(vars), .load = std::move(load)};
  };
  for (int i = 0; i < 50; ++i) {
    model made = start();
    made.load.wait();
    EXPECT_EQ(values_of<float>(*made.vars.find("t")), counted<float>(512));
  }
}

TEST_F(load_handle_test, the_store_may_be_destroyed_while_the_load_runs) {
  std::atomic<bool> gone = false;
  std::optional<variable_store> vars{"cpu:0"};
  const variable t = vars->get_variable("t", {64, 8});
  init_from_checkpoint(*vars, model_.path(), {{"table", "t"}});
  load_handle load = run_initializers_async(*vars, {.progress = [&](const load_progress&) {
    while (!gone) std::this_thread::yield();
  }});
  vars.reset();
  gone = true;
  load.wait();
  EXPECT_EQ(values_of<float>(t), counted<float>(512));
}

TEST_F(load_handle_test, assignment_cancels_the_load_that_the_handle_had) {
  vars_.get_variable("t", {64, 8});
  init_from_checkpoint(vars_, model_.path(), {{"table", "t"}});
  std::atomic<bool> stopped = false;
  std::stop_source stop;
  load_handle first = run_initializers_async(vars_, {.progress = [&](const load_progress&) {
                                               while (!stopped) std::this_thread::yield();
                                             }});
  variable_store other{"cpu:0"};
  load_handle second = run_initializers_async(other);
  std::thread later([&] { stopped = true; });
  first = std::move(second);
  later.join();
  EXPECT_TRUE(first.wait().rows.empty());
}

TEST_F(load_handle_test, a_store_that_was_moved_from_is_refused) {
  const variable_store taken = std::move(vars_);
  const error refused = error_of([&] { return run_initializers_async(vars_); });
  EXPECT_EQ(refused.code(), error_code::invalid_argument);
}

}  // namespace
}  // namespace warmstart::detail
