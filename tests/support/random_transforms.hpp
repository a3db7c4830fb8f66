#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "support/naive_view.hpp"
#include "support/small_model.hpp"
#include "tensor/element_convert.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail::test {

/// Loads random transforms of tensors of a `small_model`, cut and placed at random, and compares
/// with loops over their elements; what remaps leave out with a variable that has no checkpoint.
class random_transforms {
 public:
  random_transforms(std::vector<device> devices, std::uint32_t seed)
      : devices_(std::move(devices)), random_(seed) {}

  void run(int rounds, const load_options& options = {}) {
    for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
      SCOPED_TRACE(round);
      variable_store vars(devices_.front());
      expected_.clear();
      for (int number = 0; number < 3; ++number) add(vars, std::to_string(number));
      const load_report report = run_initializers(vars, options);
      EXPECT_GE(report.bytes_read, report.bytes_needed);
      EXPECT_TRUE(verify(vars).complete());
      for (const one& loaded : expected_) compare(loaded);
    }
  }

 private:
  struct one {
    variable loaded;
    variable own;  ///< the same initializer, and no tensor
    naive_array values;
    bool halved;
  };

  std::size_t pick(std::size_t count) { return random_() % count; }

  void add(variable_store& vars, const std::string& name) {
    const bool table = pick(2) == 0;
    const std::vector<std::int64_t> sizes =
        table ? std::vector<std::int64_t>{64, 8} : std::vector<std::int64_t>{10, 3};
    naive_array tensor{.sizes = sizes, .elements = {}};
    for_each_index(sizes, [&](const auto& /*index*/) {
      tensor.elements.push_back(static_cast<std::int64_t>(tensor.elements.size()));
    });
    const random_view wanted = make_random_view(tensor, random_);
    transform how{.slice = wanted.steps.part,
                  .reshape = wanted.steps.reshaped,
                  .transpose = wanted.steps.order};
    if (wanted.indices[0]) how.rows = remap{.indices = *wanted.indices[0]};
    if (wanted.indices[1]) how.columns = remap{.indices = *wanted.indices[1]};
    const bool halved = pick(3) == 0;
    if (halved) how.cast = true;
    variable_options options{.type = halved ? dtype::float16 : dtype::float32,
                             .initializer = uniform(-9, -1, 7)};
    const shape of(wanted.result.sizes);
    if (of.rank() > 0 && pick(2) == 0) {
      const auto axis = static_cast<int>(pick(static_cast<std::size_t>(of.rank())));
      options.partitioner = fixed_size_partitioner(
          1 + static_cast<std::int64_t>(pick(static_cast<std::size_t>(of[axis]))), axis);
    }
    std::vector<device> order = devices_;
    std::shuffle(order.begin(), order.end(), random_);
    options.placement = pick(4) == 0 ? replicated(order) : round_robin(order);
    const variable loaded = vars.get_variable("v" + name, of, options);
    const variable own = vars.get_variable("own" + name, of, options);
    init_from_checkpoint(vars, model_.path(), {{table ? "table" : "emb", loaded, how}});
    expected_.push_back({loaded, own, wanted.result, halved});
  }

  static void compare(const one& of) {
    const std::vector<variable> parts = of.loaded.parts();
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const slice where = parts[p].info().slice;
      const std::vector<float> own = values(of.own.parts()[p], 0, of.halved);
      for (std::size_t replica = 0; replica < parts[p].devices().size(); ++replica) {
        const std::vector<float> found = values(parts[p], replica, of.halved);
        naive_array all = of.values;
        std::size_t i = 0;
        for_each_index(where.lengths().sizes(), [&](std::vector<std::int64_t> index) {
          for (std::size_t d = 0; d < index.size(); ++d) index[d] += where.extents()[d].start;
          const std::int64_t value = all.at(index);
          EXPECT_EQ(found[i], value < 0 ? own[i] : static_cast<float>(value));
          ++i;
        });
      }
    }
  }

  static std::vector<float> values(const variable& v, std::size_t replica, bool halved) {
    const std::vector<std::byte> bytes = read_back(v, replica);
    std::vector<float> made(bytes.size() / (halved ? 2 : 4));
    for (std::size_t i = 0; i < made.size(); ++i) {
      if (halved) {
        const element_converter convert({.from = dtype::float16, .to = dtype::float32});
        convert(bytes.data() + 2 * i, reinterpret_cast<std::byte*>(&made[i]), 1);
      } else {
        std::memcpy(&made[i], bytes.data() + 4 * i, 4);
      }
    }
    return made;
  }

  small_model model_;
  std::vector<device> devices_;
  std::mt19937 random_;
  std::vector<one> expected_;
};

}  // namespace warmstart::detail::test
