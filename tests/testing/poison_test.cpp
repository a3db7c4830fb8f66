#include "warmstart/testing/poison.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "support/small_model.hpp"
#include "warmstart/testing/memory.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::testkit {

using namespace detail;

namespace {

using test::error_of;

TEST(poison, unwritten_elements_are_found) {
  std::vector<float> memory(24);
  const resident_tensor w = {
      .data = memory.data(), .type = dtype::float32, .shape = {6, 4}, .name = "w"};
  EXPECT_TRUE(all_written(w));  // zeros are no poison
  poison(w);
  EXPECT_TRUE(std::isnan(memory[0]));
  EXPECT_EQ(all_written(w).unwritten, 24);

  for (float& one : memory) one = 1;
  poison({.data = &memory[6], .type = dtype::float32, .shape = {2}});
  const unwritten_elements found = all_written(w);
  EXPECT_FALSE(found);
  EXPECT_EQ(found.elements, 24);
  EXPECT_EQ(found.unwritten, 2);
  EXPECT_EQ(found.first, (element_place{{1, 2}, "w", "cpu:0"}));
  EXPECT_EQ(found.message,
            "w: 2 of 24 elements were never written, the first is [1,2] of w on cpu:0");
  memory[6] = memory[7] = 0;
  EXPECT_TRUE(all_written(w));
  EXPECT_EQ(all_written(w).message, "");
}

TEST(poison, is_a_nan_of_floats_and_no_bool) {
  double wide = 0;
  poison({.data = &wide, .type = dtype::float64});
  EXPECT_EQ(std::bit_cast<std::uint64_t>(wide), 0x7ff47ff47ff47ff4U);
  EXPECT_TRUE(std::isnan(wide));
  std::uint16_t half = 0;  // exponent bits all set, and more: a NaN of float16 and bfloat16
  poison({.data = &half, .type = dtype::float16});
  EXPECT_EQ(half, 0x7ff4);
  std::uint8_t flag = 0;
  poison({.data = &flag, .type = dtype::boolean});
  EXPECT_GT(flag, 1);
}

TEST(poison, elements_of_every_size_at_any_address) {
  for (const dtype type : {dtype::uint8, dtype::float16, dtype::float32, dtype::float64,
                           dtype::complex128, dtype::int2}) {
    for (const std::size_t shift : {0U, 1U}) {
      const std::size_t size = size_of(type);
      const std::size_t bytes = 7 * size;
      std::vector<std::byte> memory(bytes + 2, std::byte{0x55});
      const resident_tensor of = {.data = &memory[shift], .type = type, .shape = {7}};
      poison(of);
      EXPECT_EQ(all_written(of).unwritten, 7) << name_of(type);
      EXPECT_EQ(memory[bytes + shift], std::byte{0x55});
      EXPECT_TRUE(shift == 0 || memory[0] == std::byte{0x55});
      for (std::size_t i = 0; i < bytes; ++i) {  // one written byte makes a written element
        const std::byte before = std::exchange(memory[shift + i], std::byte{0});
        const unwritten_elements found = all_written(of);
        EXPECT_EQ(found.unwritten, 6);
        EXPECT_EQ(found.first->index, std::vector<std::int64_t>{i < size ? 1 : 0});
        memory[shift + i] = before;
      }
    }
  }
}

TEST(poison, is_found_in_every_piece) {
  std::vector<float> memory(700'001, 1.0F);
  const resident_tensor of = {.data = memory.data(), .type = dtype::float32, .shape = {700'001}};
  EXPECT_TRUE(all_written(of));
  for (const std::size_t at : {700'000U, 262'144U, 262'143U, 0U}) {
    poison({.data = &memory[at], .type = dtype::float32});
    EXPECT_EQ(all_written(of).first->index, std::vector{static_cast<std::int64_t>(at)});
  }
  EXPECT_EQ(all_written(of).unwritten, 4);
}

TEST(poison, a_value_that_is_the_pattern_counts_as_not_written) {
  std::vector<std::int16_t> memory = {1, 32756, 3};
  const unwritten_elements found =
      all_written({.data = memory.data(), .type = dtype::int16, .shape = {3}});
  EXPECT_EQ(found.unwritten, 1);
  EXPECT_EQ(found.first->index, std::vector<std::int64_t>{1});
}

TEST(poison, is_looked_for_in_all_of_a_variable) {
  variable_store vars{"cpu:0"};
  const variable v = vars.get_variable("v", {5, 4}, {.partitioner = fixed_size_partitioner(2, 1)});
  EXPECT_EQ(error_of([&] {
              poison(v);
              return 0;
            }).code(),
            error_code::invalid_argument);  // no memory yet
  EXPECT_EQ(error_of([&] { return all_written(v); }).code(), error_code::invalid_argument);
  run_initializers(vars);
  EXPECT_TRUE(all_written(v));
  EXPECT_EQ(all_written(v).elements, 20);
  poison(v.parts()[1]);
  const unwritten_elements found = all_written(v);
  EXPECT_EQ(found.unwritten, 10);
  EXPECT_EQ(found.first, (element_place{{0, 2}, "v/part_1", "cpu:0"}));  // of the whole
  EXPECT_TRUE(all_written(v.parts()[0]));
  poison(v);
  EXPECT_EQ(all_written(v).unwritten, 20);
}

TEST(poison, refuses_tensors_without_usable_memory) {
  const auto code = [](const resident_tensor& memory) {
    return error_of([&] { return all_written(memory); }).code();
  };
  std::byte one{};
  EXPECT_EQ(code({.type = dtype::float32, .shape = {3}}), error_code::invalid_argument);
  EXPECT_EQ(code({.data = &one, .type = dtype::string}), error_code::invalid_argument);
  EXPECT_EQ(code({.data = &one, .type = dtype::uint8, .device = "cuda:99"}), error_code::device);
  const resident_tensor none = {.type = dtype::float32, .shape = {0}};
  poison(none);
  EXPECT_TRUE(all_written(none));
}

TEST(poisoning_memory, is_poison_until_it_is_written) {
  const auto memory = std::make_shared<poisoning_memory>(std::make_shared<limited_memory>(2053));
  for (const std::size_t size_bytes : {1U, 5U, 64U, 2053U}) {
    void* const fresh = memory->allocate(size_bytes, "cpu:0");
    const auto count = static_cast<std::int64_t>(size_bytes);
    EXPECT_EQ(all_written({.data = fresh, .type = dtype::int8, .shape = {count}}).unwritten, count);
    memory->deallocate(fresh, size_bytes, "cpu:0");
  }
  const test::small_model model;
  variable_store vars{"cpu:0", memory};
  const variable table = vars.get_variable("table", {64, 8});
  init_from_checkpoint(vars, model.path(), {{"table", "table"}});
  run_initializers(vars);
  EXPECT_TRUE(all_written(table));
}

TEST(poisoning_memory, frees_memory_that_it_cannot_fill) {
  const auto tracked = std::make_shared<tracking_memory>();
  /// The host's memory for a device that is not there.
  class host_for_all final : public memory_resource {
   public:
    explicit host_for_all(std::shared_ptr<memory_resource> source) : source_(std::move(source)) {}
    void* allocate(std::size_t size_bytes, const device& /*where*/) override {
      return source_->allocate(size_bytes, device::host());
    }
    void deallocate(void* data, std::size_t size_bytes, const device& /*where*/) noexcept override {
      source_->deallocate(data, size_bytes, device::host());
    }

   private:
    std::shared_ptr<memory_resource> source_;
  };
  poisoning_memory memory(std::make_shared<host_for_all>(tracked));
  EXPECT_EQ(error_of([&] { return memory.allocate(8, "cuda:99"); }).code(), error_code::device);
  EXPECT_EQ(tracked->usage().allocations, 1U);
  EXPECT_TRUE(tracked->all_returned());
  EXPECT_EQ(error_of([] { return std::make_unique<poisoning_memory>(nullptr); }).code(),
            error_code::invalid_argument);
}

}  // namespace
}  // namespace warmstart::testkit
