// Tests of a program that starts from a checkpoint: what is in device memory, whether all of it was
// written, and what happens when there is not enough. The fixture fails a test that leaks some.

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <warmstart/testing/gtest.hpp>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;
using namespace ws::testkit;

std::string path;  // of the checkpoint

/// The program under test: here a model of two layers, which takes its weights from an older one.
void start_training(ws::variable_store& vars) {
  vars.scope("new").get_variable("var1", {20, 2});
  vars.scope("new").get_variable("var2", {50, 4}, {.partitioner = ws::fixed_size_partitioner(2)});
  vars.scope("new").get_variable("bias", {4}, {.initializer = ws::zeros()});
  ws::init_from_checkpoint(vars, path,
                           {{"old_scope_1/var1", "new/var1"}, {"old_scope_1/var2", "new/var2"}});
  ws::run_initializers(vars);
}

class start_test : public device_memory_test {};  // on cuda:0 if there is one, else on the host

TEST_F(start_test, the_weights_are_those_of_the_checkpoint) {
  start_training(vars());
  const auto old = ws::checkpoint::open(path);
  EXPECT_TRUE(assertion(matches_tensor(*vars().find("new/var1"), old, "old_scope_1/var1")));
  EXPECT_TRUE(assertion(matches_tensor(*vars().find("new/var2"), old, "old_scope_1/var2")));
}

TEST_F(start_test, no_element_is_left_out) {
  start_training(vars());
  for (const ws::variable& v : vars().variables()) EXPECT_TRUE(assertion(all_written(v)));
}

TEST_F(start_test, needs_no_more_than_its_weights) {
  start_training(vars());
  EXPECT_EQ(memory()->usage().peak_bytes, (20 * 2 + 50 * 4 + 4) * sizeof(float));
}

TEST_F(start_test, may_run_out_of_memory_anywhere) {
  const auto failing = std::make_shared<failing_memory>(memory());
  for (std::size_t n = 1;; ++n) {
    ws::variable_store scarce{ws::device::best(), failing};
    failing->fail_at(n);
    try {
      start_training(scarce);
    } catch (const ws::error& failed) {
      EXPECT_EQ(failed.code(), ws::error_code::out_of_memory);
      EXPECT_EQ(memory()->usage().live_bytes, 0);  // all or nothing
    }
    if (!failing->failed()) break;
  }
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::cerr << "usage: device_memory_test CHECKPOINT\n";
    return 2;
  }
  path = argv[1];
  return RUN_ALL_TESTS();
}
