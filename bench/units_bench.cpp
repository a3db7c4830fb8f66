// The units that a load is made of, one by one.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <vector>

#include "core/crc32c.hpp"
#include "core/element_convert.hpp"
#include "plan/transfer_plan.hpp"
#include "resolve/resolve.hpp"
#include "support/catalog_builder.hpp"

namespace warmstart {
namespace {

void crc32c_of_bytes(benchmark::State& state) {
  const std::vector<std::byte> bytes(static_cast<std::size_t>(state.range(0)), std::byte{7});
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(crc32c_of_bytes)->Range(64, 1 << 20);

void crc32c_concatenation(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(crc32c_concatenate(1, 2, state.range(0)));
}
BENCHMARK(crc32c_concatenation)->Range(1 << 10, 1 << 30);

void conversion_of_elements(benchmark::State& state, dtype from, dtype to, bool swapped) {
  const std::size_t count = 1 << 16;
  const std::vector<std::byte> source(count * size_of(from), std::byte{0x3f});
  std::vector<std::byte> destination(count * size_of(to));
  const auto convert = element_converter({.from = from, .to = to, .swapped = swapped});
  for (auto _ : state) {
    convert(source.data(), destination.data(), count);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(source.size()));
}
BENCHMARK_CAPTURE(conversion_of_elements, bfloat16_to_float32, dtype::bfloat16, dtype::float32,
                  false);
BENCHMARK_CAPTURE(conversion_of_elements, float32_to_bfloat16, dtype::float32, dtype::bfloat16,
                  false);
BENCHMARK_CAPTURE(conversion_of_elements, swapped_float32, dtype::float32, dtype::float32, true);

/// As many tensors and variables of the same names.
struct model {
  explicit model(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const std::string name = "layer_" + std::to_string(1000000 + i) + "/kernel";
      tensors.tensor("old/" + name, dtype::float32, {64, 64});
      variables.variable("new/" + name, dtype::float32, {64, 64});
    }
  }
  test::catalog_builder tensors;
  test::rows_builder variables;
};

void resolution_of_a_scope(benchmark::State& state) {
  const model made(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(resolve(made.variables.get(), made.tensors.get(), 0,
                                     {{.tensor = "old/", .target = std::string("new/")}}, {}));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(resolution_of_a_scope)->Range(1000, 100000)->Unit(benchmark::kMillisecond);

void planning(benchmark::State& state) {
  const model made(state.range(0));
  const auto wanted = resolve(made.variables.get(), made.tensors.get(), 0,
                              {{.tensor = "old/", .target = std::string("new/")}}, {});
  const catalog* const catalogs[] = {&made.tensors.get()};
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        make_transfer_plan(made.variables.get(), wanted.assignments, catalogs, {}));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(planning)->Range(1000, 100000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace warmstart
