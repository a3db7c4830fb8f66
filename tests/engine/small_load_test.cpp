#include "engine/small_load.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/load_fixture.hpp"
#include "support/process_state.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using test::box_of;

class small_load_test : public testing::Test {
 protected:
  small_load_test() {
    it_.source.tensor("a", dtype::float32, {30, 40});
    it_.rows.variable("a", dtype::float32, {30, 40})
        .variable("half", dtype::float16, {30, 40})
        .variable("columns", dtype::float32, {30, 40}, {box_of({{0, 30}, {3, 5}})});
    it_.store();
    plan_ = it_.plan({0, 0, 0});
    for (const variable_info& row : it_.rows.get()) {
      row_bytes_.push_back(row.size_bytes());
      memory_.emplace_back(static_cast<std::size_t>(row.size_bytes()));
    }
    for (auto& row : memory_) addresses_.push_back(row.data());
    request_.plan = &plan_;
    request_.files = &it_.files;
    request_.addresses = addresses_;
    request_.backends = backends_;
    request_.row_bytes = row_bytes_;
  }
  error_code code_of_load() {
    return test::error_of([&] { return load_on_this_thread(request_); }).code();
  }

  test::load_fixture it_;
  std::unique_ptr<backend> host_ = make_host_backend();
  transfer_plan plan_;
  std::vector<std::vector<std::byte>> memory_;
  std::vector<std::byte*> addresses_;
  std::vector<std::int64_t> row_bytes_;
  std::vector<backend*> backends_ = std::vector<backend*>(3, host_.get());
  load_request request_;
};

TEST_F(small_load_test, needs_no_thread_of_its_own) {
  EXPECT_GT(plan_.chunks_with_slots(), 0);
  const std::size_t before = test::thread_count();
  std::size_t during = 0;
  std::int64_t done = 0;
  request_.progress = [&](std::int64_t bytes, std::int64_t total) {
    during = test::thread_count();
    done = bytes;
    EXPECT_EQ(total, 4800);
  };
  const load_result result = load_on_this_thread(request_);
  EXPECT_EQ(during, before);
  EXPECT_EQ(done, 4800);
  for (std::size_t i = 1; i < 3; ++i) EXPECT_EQ(result.expected[i], crc32c(memory_[i])) << i;
  EXPECT_EQ(memory_[0], it_.expected_rows(0, 0));
}

TEST_F(small_load_test, finds_damage) {
  it_.files.contents("data")[7] ^= std::byte{1};
  EXPECT_EQ(code_of_load(), error_code::corrupt);
}

TEST_F(small_load_test, can_be_cancelled) {
  std::stop_source stop;
  stop.request_stop();
  request_.stop = stop.get_token();
  EXPECT_EQ(code_of_load(), error_code::cancelled);
  EXPECT_EQ(it_.files.reads(), 0);
}

}  // namespace
}  // namespace warmstart::detail
