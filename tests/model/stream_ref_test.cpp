#include "warmstart/stream_ref.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <type_traits>

#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

CUstream_st* handle(std::uintptr_t value) {
  return reinterpret_cast<CUstream_st*>(value);
}

TEST(stream_ref, carries_its_device) {
  const stream_ref made("cuda:3", handle(4096));
  EXPECT_EQ(made.device(), device("cuda:3"));
  EXPECT_EQ(made.get(), handle(4096));
}

TEST(stream_ref, null_and_the_legacy_handle_are_the_legacy_stream) {
  EXPECT_EQ(stream_ref("cuda:0", handle(1)), stream_ref::legacy("cuda:0"));
  EXPECT_EQ(stream_ref("cuda:0", handle(0)), stream_ref::legacy("cuda:0"));
  EXPECT_EQ(stream_ref::legacy("cuda:0").get(), nullptr);
}

TEST(stream_ref, the_per_thread_handle_is_refused) {
  EXPECT_THROW(stream_ref("cuda:0", handle(2)), error);
}

TEST(stream_ref, belongs_to_a_cuda_device) {
  EXPECT_THROW(stream_ref("cpu:0", handle(4096)), error);
}

TEST(stream_ref, is_not_made_of_integers) {
  static_assert(!std::is_constructible_v<stream_ref, device, int>);
  static_assert(!std::is_constructible_v<stream_ref, device, std::nullptr_t>);
  static_assert(!std::is_constructible_v<stream_ref, device, void*>);
}

}  // namespace
}  // namespace warmstart::detail
