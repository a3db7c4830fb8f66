// A test whose device memory is still there at its end has to fail; then this program succeeds.

#include <optional>
#include <warmstart/testing/gtest.hpp>
#include <warmstart/warmstart.hpp>

std::optional<warmstart::variable> kept;

class fixture : public warmstart::testkit::device_memory_test {
 protected:
  fixture() : device_memory_test("cpu:0") {}
};

TEST_F(fixture, keeps_a_variable) {
  kept = vars().get_variable("v", {4});
  warmstart::run_initializers(vars());
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const bool failed = RUN_ALL_TESTS() != 0;
  return failed && testing::UnitTest::GetInstance()->failed_test_count() == 1 ? 0 : 1;
}
