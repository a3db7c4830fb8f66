#include "warmstart/variable_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/expect_mentions.hpp"
#include "support/small_model.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/error.hpp"
#include "warmstart/run.hpp"
#include "warmstart/testing/memory.hpp"

namespace warmstart::detail {
namespace {

class variable_store_test : public testing::Test {
 protected:
  // The message of the error that a call throws, or "done".
  template <class Call>
  std::string refusal(Call call) {
    try {
      (void)call();
      return "done";
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), error_code::invalid_argument);
      return bad.what();
    }
  }

  variable_store vars_{"cpu:0"};
};

std::vector<std::string> names_of(const std::vector<variable>& list) {
  std::vector<std::string> names;
  for (const variable& one : list) names.push_back(one.name());
  return names;
}

TEST_F(variable_store_test, scopes_nest_and_give_names) {
  const auto outer = vars_.scope("encoder");
  EXPECT_EQ(outer.scope("layer_0").get_variable("kernel", {2, 3}).name(), "encoder/layer_0/kernel");
  EXPECT_EQ(vars_.scope("encoder/").get_variable("bias", {3}).name(), "encoder/bias");
  EXPECT_EQ(outer.scope("").name(), "encoder");
  EXPECT_EQ(vars_.get_variable("a/b", {1}).name(), "a/b");
  EXPECT_EQ(names_of(vars_.variables()),
            (std::vector<std::string>{"encoder/layer_0/kernel", "encoder/bias", "a/b"}));
  EXPECT_EQ(vars_.find("encoder/bias")->shape(), shape{3});
  EXPECT_EQ(vars_.find("bias"), std::nullopt);
}

TEST_F(variable_store_test, a_slot_has_an_empty_name_and_a_slash_at_the_end) {
  EXPECT_EQ(vars_.scope("w/Adam").get_variable("", {1}).name(), "w/Adam/");
  EXPECT_MENTIONS(refusal([&] { return vars_.get_variable("", {1}); }), "needs a name");
}

TEST_F(variable_store_test, parts_are_named_and_know_their_slice) {
  const auto v =
      vars_.scope("s").get_variable("v", {100, 64}, {.partitioner = fixed_size_partitioner(3)});
  EXPECT_TRUE(v.is_partitioned());
  EXPECT_EQ(v.name(), "s/v");
  EXPECT_EQ(v.shape(), (shape{100, 64}));
  const auto parts = v.parts();
  EXPECT_EQ(names_of(parts), (std::vector<std::string>{"s/v/part_0", "s/v/part_1", "s/v/part_2"}));
  EXPECT_EQ(parts[1].info().spec(), "100 64 34,33:0,64");
  EXPECT_EQ(parts[1].info().full_name, "s/v");
  EXPECT_EQ(parts[1].shape(), (shape{33, 64}));
  EXPECT_EQ(parts[1].size_bytes(), 33 * 64 * 4);
  EXPECT_TRUE(parts[1].is_part());
  EXPECT_EQ(*vars_.find("s/v/part_1"), parts[1]);
  EXPECT_EQ(*vars_.find("s/v"), v);
  EXPECT_THROW((void)v.info(), error);
  EXPECT_THROW((void)v.data(), error);
}

TEST_F(variable_store_test, slices_are_parts_of_any_shape) {
  const auto scope = vars_.scope("s", {.partitioner = fixed_size_partitioner(2)});
  const std::vector<slice> slices = {slice::parse("0,2:3,3"), slice::parse("1,1:-")};
  const auto v = scope.get_variable("v", {4, 6}, {.slices = slices});
  EXPECT_TRUE(v.is_partitioned());
  EXPECT_EQ(v.shape(), (shape{4, 6}));
  const auto parts = v.parts();
  EXPECT_EQ(names_of(parts), (std::vector<std::string>{"s/v/part_0", "s/v/part_1"}));
  EXPECT_EQ(parts[0].info().spec(), "4 6 0,2:3,3");
  EXPECT_EQ(parts[1].shape(), (shape{1, 6}));
  const auto scalar = vars_.get_variable("scalar", {}, {.slices = {slice()}});
  EXPECT_EQ(names_of(scalar.parts()), std::vector<std::string>{"scalar/part_0"});
}

TEST_F(variable_store_test, slices_are_checked) {
  const auto made_with = [&](variable_options options) {
    return refusal([&] { return vars_.get_variable("v", {4, 6}, options); });
  };
  for (const char* wrong : {"0,2:3,4", "0,2"}) {
    const error outside = test::error_of([&] {
      return vars_.get_variable("v", {4, 6},
                                {.slices = {slice::parse("0,2:-"), slice::parse(wrong)}});
    });
    EXPECT_EQ(outside.code(), error_code::mismatch);
    EXPECT_MENTIONS(outside.what(), std::string("variable v: slice ") + wrong);
  }
  EXPECT_MENTIONS(
      made_with({.partitioner = fixed_size_partitioner(2), .slices = {slice::parse("0,2:-")}}),
      "both slices and a partitioner");
  EXPECT_TRUE(vars_.variables().empty());
  const auto again = vars_.scope("", {.reuse = reuse_mode::automatic});
  const variable_options rows = {.slices = {slice::parse("0,2:-")}};
  const auto first = again.get_variable("v", {4, 6}, rows);
  EXPECT_EQ(again.get_variable("v", {4, 6}, rows), first);
  EXPECT_MENTIONS(refusal([&] {
                    return again.get_variable("v", {4, 6}, {.slices = {slice::parse("1,2:-")}});
                  }),
                  "already exists with other slices");
}

TEST_F(variable_store_test, one_part_is_still_a_part_and_scalars_have_none) {
  const auto one = vars_.get_variable("one", {4}, {.partitioner = fixed_size_partitioner(1)});
  EXPECT_EQ(names_of(one.parts()), std::vector<std::string>{"one/part_0"});
  const auto scalar = vars_.get_variable("scalar", {}, {.partitioner = fixed_size_partitioner(4)});
  EXPECT_FALSE(scalar.is_partitioned());
  EXPECT_EQ(names_of(scalar.parts()), std::vector<std::string>{"scalar"});
  EXPECT_EQ(vars_.get_variable("plain", {2, 3}).info().spec(), "2 3 0,2:0,3");
}

TEST_F(variable_store_test, creating_refuses_names_that_exist) {
  vars_.get_variable("v", {2});
  vars_.get_variable("p", {4}, {.partitioner = fixed_size_partitioner(2)});
  EXPECT_MENTIONS(refusal([&] { return vars_.get_variable("v", {2}); }), "already exists");
  EXPECT_MENTIONS(refusal([&] { return vars_.get_variable("p", {4}); }), "already exists");
  EXPECT_MENTIONS(refusal([&] { return vars_.get_variable("p/part_1", {4}); }), "already exists");
  EXPECT_MENTIONS(refusal([&] {
                    return vars_.get_variable("v", {2}, {.partitioner = fixed_size_partitioner(2)});
                  }),
                  "already exists");
  vars_.get_variable("q/part_0", {2});
  EXPECT_MENTIONS(refusal([&] { return vars_.get_variable("q", {2}); }), "q/part_0 already exists");
  EXPECT_MENTIONS(refusal([&] {
                    return vars_.get_variable("q", {2}, {.partitioner = fixed_size_partitioner(2)});
                  }),
                  "q/part_0 already exists");
}

TEST_F(variable_store_test, reuse_finds_existing_variables) {
  const auto v = vars_.scope("s").get_variable("v", {2});
  const auto reusing = vars_.scope("s", {.reuse = reuse_mode::reuse});
  EXPECT_EQ(reusing.get_variable("v", {2}), v);
  EXPECT_MENTIONS(refusal([&] { return reusing.get_variable("w", {2}); }), "does not exist");
  EXPECT_MENTIONS(refusal([&] { return reusing.get_variable("v", {3}); }),
                  "exists with shape [2], not [3]");
  EXPECT_MENTIONS(refusal([&] { return reusing.get_variable("v", {2}, {.type = dtype::int32}); }),
                  "exists with dtype float32, not int32");
  // Inherited by the scopes within.
  EXPECT_MENTIONS(refusal([&] { return reusing.scope("t").get_variable("w", {2}); }),
                  "does not exist");
}

TEST_F(variable_store_test, automatic_reuse_creates_or_finds) {
  const auto scope = vars_.scope("s", {.reuse = reuse_mode::automatic});
  const auto v = scope.get_variable("v", {2});
  EXPECT_EQ(scope.get_variable("v", {2}), v);
}

TEST_F(variable_store_test, reuse_of_partitioned_variables) {
  const variable_options in_two = {.partitioner = fixed_size_partitioner(2)};
  const variable_options in_three = {.partitioner = fixed_size_partitioner(3)};
  const auto v = vars_.get_variable("v", {6}, in_two);
  vars_.get_variable("plain", {6});
  const auto reusing = vars_.scope("", {.reuse = reuse_mode::reuse});
  const auto automatic = vars_.scope("", {.reuse = reuse_mode::automatic});
  EXPECT_EQ(reusing.get_variable("v", {6}, in_two), v);
  EXPECT_EQ(reusing.get_variable("v", {6}), v);  // without a partitioner: what is there
  EXPECT_EQ(automatic.get_variable("v", {6}, in_two), v);
  EXPECT_MENTIONS(refusal([&] { return automatic.get_variable("v", {6}); }),
                  "no partitioner was given");
  EXPECT_MENTIONS(refusal([&] { return reusing.get_variable("v", {6}, in_three); }),
                  "already exists with different partitions");
  EXPECT_MENTIONS(refusal([&] { return reusing.get_variable("plain", {6}, in_two); }),
                  "already exists without partitions");
  EXPECT_MENTIONS(refusal([&] { return reusing.get_variable("v/part_0", {3}); }), "is a part of v");
}

TEST_F(variable_store_test, scopes_have_defaults) {
  const auto scope =
      vars_.scope("s", {.initializer = ones(), .partitioner = fixed_size_partitioner(2)});
  const auto v = scope.scope("inner").get_variable("v", {4});
  EXPECT_EQ(v.parts().size(), 2U);
  const auto own = scope.get_variable(
      "own", {4}, {.initializer = constant(3), .partitioner = fixed_size_partitioner(4)});
  EXPECT_EQ(own.parts().size(), 4U);
  const auto overridden = scope.scope("zeros", {.initializer = zeros()}).get_variable("z", {4});
  run_initializers(vars_);
  EXPECT_EQ(*static_cast<const float*>(v.parts()[1].data()), 1.0F);
  EXPECT_EQ(*static_cast<const float*>(own.parts()[3].data()), 3.0F);
  EXPECT_EQ(*static_cast<const float*>(overridden.parts()[0].data()), 0.0F);
}

TEST_F(variable_store_test, placement) {
  const std::vector<device> two = {"cuda:0", "cuda:1"};
  const auto v = vars_.get_variable(
      "v", {6}, {.partitioner = fixed_size_partitioner(3), .placement = round_robin(two)});
  const auto parts = v.parts();
  EXPECT_EQ(parts[0].devices(), std::vector<device>{"cuda:0"});
  EXPECT_EQ(parts[1].devices(), std::vector<device>{"cuda:1"});
  EXPECT_EQ(parts[2].devices(), std::vector<device>{"cuda:0"});
  const auto r = vars_.get_variable("r", {6}, {.placement = replicated(two)});
  EXPECT_EQ(r.devices(), two);
  EXPECT_EQ(vars_.get_variable("d", {6}).devices(), std::vector<device>{"cpu:0"});
  EXPECT_MENTIONS(
      refusal([&] {
        return vars_.get_variable("e", {6}, {.placement = replicated({"cuda:1", "cuda:1"})});
      }),
      "two replicas on one device");
  EXPECT_THROW((void)r.data(2), error);
}

TEST_F(variable_store_test, a_refused_variable_leaves_nothing_behind) {
  EXPECT_NE(refusal([&] {
              return vars_.get_variable("v", {4}, {.partitioner = explicit_partitioner({9})});
            }),
            "done");
  EXPECT_NE(refusal([&] { return vars_.get_variable("v", {4}, {.type = dtype::string}); }), "done");
  EXPECT_NE(refusal([&] {
              return vars_.get_variable("v", {4}, {.type = dtype::int32, .initializer = normal()});
            }),
            "done");
  EXPECT_NE(refusal([&] { return vars_.get_variable("v", {INT64_MAX}); }), "done");
  EXPECT_TRUE(vars_.variables().empty());
  vars_.get_variable("v", {4});
}

TEST_F(variable_store_test, default_initializers_are_tensorflows) {
  const auto of = [&](const char* name, dtype type) {
    const auto v = vars_.get_variable(name, {4}, {.type = type});
    return variable_access::state(v).init.type;
  };
  EXPECT_EQ(of("f", dtype::float32), initializer::kind::glorot_uniform);
  EXPECT_EQ(of("h", dtype::bfloat16), initializer::kind::glorot_uniform);
  EXPECT_EQ(of("i", dtype::int64), initializer::kind::zeros);
  EXPECT_EQ(of("b", dtype::boolean), initializer::kind::zeros);
}

TEST_F(variable_store_test, wrapped_memory_can_have_an_owner) {
  auto owner = std::make_shared<std::array<float, 6>>();
  const std::weak_ptr<std::array<float, 6>> alive = owner;
  {
    const auto v =
        vars_.wrap("v", {2, 3}, dtype::float32, owner->data(), sizeof(*owner), "cpu:0", owner);
    owner.reset();
    EXPECT_FALSE(alive.expired());
    vars_.erase(v);
    EXPECT_FALSE(alive.expired()) << "a handle is left";
  }
  EXPECT_TRUE(alive.expired());
}

TEST_F(variable_store_test, wrapped_memory_can_hold_a_box) {
  std::array<float, 4> memory{};
  const slice box({{.start = 1, .length = 2}, {.start = 3, .length = 2}});
  const auto wrap = [&](const char* name, const shape& full, std::size_t bytes) {
    return vars_.wrap(name, full, box, dtype::float32, memory.data(), bytes, "cpu:0");
  };
  const auto v = wrap("v", {3, 5}, sizeof(memory));
  EXPECT_EQ(v.shape(), (shape{2, 2}));
  EXPECT_EQ(v.size_bytes(), 16);
  EXPECT_EQ(v.info().spec(), "3 5 1,2:3,2");
  EXPECT_MENTIONS(refusal([&] {
                    return wrap("w", {3, 5}, 60);
                  }),
                  "of shape [2,2] and dtype float32 needs 16 bytes, but the memory has 60");
  const error outside = test::error_of([&] { return wrap("w", {3, 4}, sizeof(memory)); });
  EXPECT_EQ(outside.code(), error_code::mismatch);
  EXPECT_MENTIONS(outside.what(), "variable w: slice 1,2:3,2 exceeds dimension 1 of shape [3,4]");
}

TEST_F(variable_store_test, wrapped_memory_is_the_callers) {
  std::array<float, 6> memory{};
  const auto v = vars_.wrap("v", {2, 3}, dtype::float32, memory.data(), sizeof(memory), "cpu:0");
  EXPECT_EQ(v.data(), memory.data());
  EXPECT_FALSE(v.is_initialized());
  const auto wrap = [&](const char* name, void* data, std::size_t bytes) {
    return refusal([&] { return vars_.wrap(name, {2, 3}, dtype::float32, data, bytes, "cpu:0"); });
  };
  EXPECT_MENTIONS(wrap("w", memory.data(), 20), "needs 24 bytes, but the memory has 20");
  EXPECT_MENTIONS(wrap("w", nullptr, 24), "needs memory: expected a pointer, found null");
  EXPECT_MENTIONS(wrap("v", memory.data(), 24), "already exists");
  memory.fill(7);
  run_initializers(vars_);  // it has no initializer of its own
  EXPECT_EQ(memory[5], 7.0F);
  EXPECT_FALSE(v.is_initialized());
}

TEST(variable_memory, comes_from_the_resource_and_goes_with_the_last_handle) {
  const auto resource = std::make_shared<testkit::tracking_memory>();
  const auto other = std::make_shared<testkit::tracking_memory>();
  std::optional<variable> kept;
  {
    variable_store vars("cpu:0", resource);
    vars.get_variable("a", {10}, {.partitioner = fixed_size_partitioner(3)});
    kept = vars.get_variable("b", {5});
    vars.get_variable("c", {7}, {.memory = other});
    vars.get_variable("empty", {0, 7});
    EXPECT_EQ(resource->usage().allocations, 0U);  // only when the initializers run
    EXPECT_THROW((void)kept->data(), error);
    run_initializers(vars);
    EXPECT_EQ(resource->usage().live_bytes, 60U);
    EXPECT_EQ(other->usage().live_bytes, 28U);
    EXPECT_TRUE(vars.find("empty")->is_initialized());
    EXPECT_EQ(vars.find("empty")->data(), nullptr);
  }
  EXPECT_TRUE(other->all_returned()) << other->all_returned().message;
  EXPECT_EQ(resource->usage().live_bytes, 20U);
  EXPECT_NE(kept->data(), nullptr);
  kept.reset();
  EXPECT_TRUE(resource->all_returned()) << resource->all_returned().message;
}

TEST(variable_memory, is_allocated_completely_or_not_at_all) {
  for (std::size_t nth = 1; nth <= 4; ++nth) {
    const auto failing = std::make_shared<testkit::failing_memory>();
    const auto resource = std::make_shared<testkit::tracking_memory>(failing);
    variable_store vars("cpu:0", resource);
    const auto v = vars.get_variable("v", {8}, {.partitioner = fixed_size_partitioner(4)});
    failing->fail_at(nth);
    EXPECT_THROW(run_initializers(vars), error);
    EXPECT_TRUE(failing->failed());
    EXPECT_EQ(resource->usage().allocations, nth - 1);
    EXPECT_TRUE(resource->all_returned()) << resource->all_returned().message;
    for (const variable& part : v.parts()) EXPECT_FALSE(part.is_initialized());
    run_initializers(vars);  // the next attempt succeeds
    EXPECT_TRUE(v.parts()[3].is_initialized());
  }
}

TEST(messages, initializer_and_partitioner_errors_name_the_variable) {
  variable_store store{"cpu:0"};
  const auto refusal = [&](const variable_options& options) -> std::string {
    try {
      store.get_variable("scope/v", {4}, options);
      return "made";
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), error_code::invalid_argument);
      EXPECT_EQ(bad.problems().at(0).variable, "scope/v");
      return bad.what();
    }
  };
  EXPECT_EQ(refusal({.type = dtype::uint8, .initializer = constant(300)}),
            "variable scope/v: constant 300 cannot initialize uint8");
  EXPECT_EQ(refusal({.type = dtype::int32, .initializer = uniform(0.5, 3)}),
            "variable scope/v: uniform [0.5, 3) cannot initialize int32");
  EXPECT_EQ(refusal({.partitioner = fixed_size_partitioner(2, 7)}),
            "variable scope/v: fixed_size_partitioner: axis 7 is not a dimension of shape [4]");
}

}  // namespace
}  // namespace warmstart::detail
