// Loads of files whose bytes are used in place.

#include <gtest/gtest.h>

#include "support/load_fixture.hpp"

namespace warmstart::detail {
namespace {

using test::expect_large;
using test::LARGE;
using test::load_fixture;
using test::make_large;

class mapped_load : public testing::TestWithParam<bool> {
 protected:
  // One reader, so that views have an order.
  mapped_load() : it_(1) {
    it_.mode = read_mode::mapped;
    it_.options.checksums = GetParam();
    make_large(it_, device::host());
  }

  load_fixture it_;
};

TEST_P(mapped_load, copies_every_byte_and_reads_none) {
  const transfer_plan plan = it_.plan(LARGE);
  EXPECT_EQ(it_.load(plan).bytes_read, plan.bytes_read);
  expect_large(it_);
  EXPECT_TRUE(it_.files.log().empty());
  EXPECT_GE(it_.files.views(), static_cast<std::int64_t>(plan.chunks.size()));
}

// Whenever pages are lost, the bytes not yet seen and all later ones are read instead.
TEST_P(mapped_load, falls_back_to_reads_where_pages_are_lost) {
  const transfer_plan plan = it_.plan(LARGE);
  it_.load(plan);
  const std::int64_t views = it_.files.views();
  for (std::int64_t lost = 0; lost < views; lost += 3) {
    load_fixture again(1);
    again.mode = read_mode::mapped;
    again.options.checksums = GetParam();
    make_large(again, device::host());
    again.files.lose_pages_at_view(lost);
    again.load(again.plan(LARGE));
    expect_large(again);
    EXPECT_EQ(again.files.reads(), views - lost) << lost;
  }
}

TEST_P(mapped_load, checks_what_it_copies) {
  const transfer_plan plan = it_.plan(LARGE);
  it_.files.contents("data")[1000] ^= std::byte{4};
  if (!GetParam()) {
    it_.load(plan);
    return;
  }
  try {
    it_.load(plan);
    FAIL() << "accepted";
  } catch (const error& thrown) {
    EXPECT_EQ(thrown.code(), error_code::corrupt) << thrown.what();
  }
}

// Another process writes to the file. Each block is read once, so the bytes that land are checked.
TEST_P(mapped_load, never_reads_the_same_bytes_twice) {
  const transfer_plan plan = it_.plan(LARGE);
  auto& contents = it_.files.contents("data");
  const std::vector<std::byte> original = contents;
  it_.files.on_view([&](std::int64_t offset, std::int64_t size) {
    for (std::int64_t i = offset; i < offset + size; ++i) {
      contents[static_cast<std::size_t>(i)] ^= std::byte{0xFF};
    }
  });
  it_.load(plan);
  contents = original;
  expect_large(it_);
}

TEST_P(mapped_load, says_that_a_truncated_file_ends_too_early) {
  const transfer_plan plan = it_.plan(LARGE);
  it_.load(plan);
  const std::int64_t views = it_.files.views();
  for (std::int64_t lost = 0; lost < views; lost += 3) {
    load_fixture again(1);
    again.mode = read_mode::mapped;
    again.options.checksums = GetParam();
    make_large(again, device::host());
    const transfer_plan same = again.plan(LARGE);
    again.files.lose_pages_at_view(lost);
    again.files.on_read([&](std::int64_t /*number*/) { again.files.contents("data").clear(); });
    try {
      again.load(same);
      ADD_FAILURE() << "accepted";
    } catch (const error& thrown) {
      EXPECT_EQ(thrown.code(), error_code::corrupt) << thrown.what();
      EXPECT_NE(std::string(thrown.what()).find("ends too early"), std::string::npos)
          << thrown.what();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(checksums, mapped_load, testing::Bool());

}  // namespace
}  // namespace warmstart::detail
