#pragma once

#include <cudaemu.h>
#include <gtest/gtest.h>

#include <cstring>

#include "cuda/device_bytes.hpp"
#include "engine/backend.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail::test {

/// Loads on two emulated devices, whose runtime calls may fail.
class cuda_fault_test : public testing::Test {
 protected:
  void SetUp() override {
    if (!cudaemu_present()) GTEST_SKIP() << "the emulator injects the faults";
    if (cuda_device_count() < 2) GTEST_SKIP() << "fewer than two CUDA devices";
  }
  void TearDown() override {
    if (cudaemu_present()) cudaemu_clear_faults();
  }

  static cudaemu_stats_t stats() {
    cudaemu_stats_t now{};
    now.struct_size = sizeof(now);
    cudaemu_stats(&now);
    return now;
  }
  static std::uint64_t injected() { return stats().injected_failures; }

  /// Runs, scattered columns, a cast, replicas that pass bytes on, and fills, on two devices.
  [[nodiscard]] variable_store make() const {
    variable_store vars("cuda:0");
    vars.get_variable("w", {6, 4}, {.placement = round_robin({"cuda:1"})});
    vars.get_variable("b", {5}, {.type = dtype::float16});
    vars.get_variable("table", {64, 8},
                      {.partitioner = fixed_size_partitioner(2, 1),
                       .placement = round_robin({"cuda:0", "cuda:1"})});
    vars.get_variable("emb", {10, 3}, {.placement = replicated({"cuda:0", "cuda:1"})});
    vars.get_variable(
        "filled", {100},
        {.initializer = uniform(0, 1, 3), .placement = replicated({"cuda:0", "cuda:1"})});
    vars.get_variable("cleared", {100}, {.initializer = zeros()});
    init_from_checkpoint(vars, model_.path(),
                         {{"a/w", "w"}, {"a/b", "b"}, {"table", "table"}, {"emb", "emb"}},
                         {.cast = true});
    return vars;
  }

  /// Every replica of every part is, or is not.
  static void expect_initialized(const variable_store& vars, bool wanted) {
    for (const variable& v : vars.variables()) {
      for (const variable& part : v.parts()) {
        for (std::size_t i = 0; i < part.devices().size(); ++i) {
          EXPECT_EQ(part.is_initialized(i), wanted) << part.name() << ' ' << i;
        }
      }
    }
  }

  static void expect_loaded(const variable_store& vars) {
    expect_initialized(vars, true);
    const auto bytes = resident_bytes(*vars.find("w"));
    EXPECT_EQ(std::memcmp(bytes.data(), counted<float>(24).data(), bytes.size()), 0);
    EXPECT_TRUE(verify(vars).complete());
  }

  small_model model_;
};

}  // namespace warmstart::detail::test
