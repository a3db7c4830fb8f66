// Measures single functions that loads consist of.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "checksum/crc32c.hpp"
#include "checksum/crc32c_box.hpp"
#include "engine/chunk_queue.hpp"
#include "engine/host_copy.hpp"
#include "formats/registry/open_checkpoint.hpp"
#include "plan/transfer_plan.hpp"
#include "resolve/resolve.hpp"
#include "support/bundle_writer.hpp"
#include "support/catalog_builder.hpp"
#include "support/memory_files.hpp"
#include "support/scripted_backend.hpp"
#include "tensor/element_convert.hpp"
#include "tensor/slice_union.hpp"

namespace warmstart::detail {
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

/// A column part: runs of `run_bytes` bytes, with a stride of eight runs in the whole tensor.
struct column_part {
  static constexpr std::int64_t BYTES = 1 << 20;

  explicit column_part(std::int64_t run_bytes)
      : run(run_bytes),
        whole(static_cast<std::size_t>(8 * BYTES), std::byte{7}),
        part(static_cast<std::size_t>(BYTES)),
        out{{.count = BYTES / run, .source_stride = 8 * run, .destination_stride = run}},
        back{{.count = BYTES / run, .source_stride = run, .destination_stride = 8 * run}} {}

  std::int64_t run;
  std::vector<std::byte> whole;
  std::vector<std::byte> part;
  std::vector<box_dimension> out;
  std::vector<box_dimension> back;
};

void crc32c_of_a_column_part(benchmark::State& state) {
  const column_part made(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(crc32c_box_remainder(made.whole.data(), made.run, made.back,
                                                  8 * column_part::BYTES - made.run));
  }
  state.SetBytesProcessed(state.iterations() * column_part::BYTES);
}
BENCHMARK(crc32c_of_a_column_part)->Range(64, 4 << 10);

void scatter_of_a_column_part(benchmark::State& state) {
  column_part made(state.range(0));
  const copy_command command{.source = made.whole.data(),
                             .destination = made.part.data(),
                             .conversion = {.from = dtype::uint8, .to = dtype::uint8},
                             .run = made.run,
                             .dimensions = made.out};
  for (auto _ : state) {
    copy_on_host(command);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * column_part::BYTES);
}
BENCHMARK(scatter_of_a_column_part)->Range(64, 4 << 10);

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

std::string layer_name(std::int64_t i) {
  return "layer_" + std::to_string(1000000 + i) + "/kernel";
}

void opening(benchmark::State& state) {
  test::bundle_writer writer;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    writer.tensor(layer_name(i), dtype::float32, {1}, "1234");
  }
  test::memory_files files;
  writer.write(files, "model");
  const auto where = locate_checkpoint(files, "model", "");
  for (auto _ : state) benchmark::DoNotOptimize(read_catalog(files, where));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(opening)->Range(1000, 100000)->Unit(benchmark::kMillisecond);

/// Tensors, and variables with corresponding names, optionally cut into row parts.
struct model {
  explicit model(std::int64_t count, std::int64_t part_count = 1) {
    std::vector<slice> parts;
    for (std::int64_t i = 0; i < part_count && part_count > 1; ++i) {
      parts.push_back(test::box_of({{i * 64 / part_count, 64 / part_count}, {0, 64}}));
    }
    for (std::int64_t i = 0; i < count; ++i) {
      tensors.tensor("old/" + layer_name(i), dtype::float32, {64, 64});
      variables.variable("new/" + layer_name(i), dtype::float32, {64, 64}, parts);
    }
    index = test::index_of(variables.get());
  }

  [[nodiscard]] resolution resolved(std::vector<resolve_entry> entries) const {
    return resolve(index, tensors.get(), 0, std::move(entries), {});
  }
  static std::vector<resolve_entry> by_scope() {
    return {{.tensor = "old/", .target = std::string("new/")}};
  }

  test::catalog_builder tensors;
  test::rows_builder variables;
  variable_index index;  ///< index of the variables
};

void resolution_of_a_scope(benchmark::State& state) {
  const model made(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(made.resolved(model::by_scope()));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(resolution_of_a_scope)->Range(1000, 100000)->Unit(benchmark::kMillisecond);

void resolution_of_names(benchmark::State& state) {
  const model made(state.range(0));
  std::vector<resolve_entry> entries;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    entries.push_back({.tensor = "old/" + layer_name(i), .target = "new/" + layer_name(i)});
  }
  for (auto _ : state) benchmark::DoNotOptimize(made.resolved(entries));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(resolution_of_names)->Range(1000, 100000)->Unit(benchmark::kMillisecond);

void planning(benchmark::State& state) {
  const model made(state.range(0), state.range(1));
  const auto wanted = made.resolved(model::by_scope());
  const catalog* const catalogs[] = {&made.tensors.get()};
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        make_transfer_plan(made.variables.get(), wanted.assignments, catalogs, {}));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(planning)
    ->ArgNames({"tensors", "parts"})
    ->ArgsProduct({{1000, 10000, 100000}, {1, 8}})
    ->Unit(benchmark::kMillisecond);

void union_of_rows_and_columns(benchmark::State& state) {
  std::vector<slice> slices;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    slices.push_back(test::box_of({{2 * i, 1}, {0, 2 * state.range(0)}}));
    slices.push_back(test::box_of({{0, 2 * state.range(0)}, {2 * i, 1}}));
  }
  for (auto _ : state) benchmark::DoNotOptimize(union_element_count(slices));
  state.SetItemsProcessed(state.iterations() * state.range(0) * 2);
}
BENCHMARK(union_of_rows_and_columns)
    ->Arg(200)
    ->Arg(2000)
    ->Arg(20000)
    ->Unit(benchmark::kMillisecond);

// One-byte chunks, each for three of 64 devices. The devices hold slots until none is left.
void queue_of_chunks(benchmark::State& state) {
  constexpr std::uint32_t DEVICES = 64;
  std::vector<std::unique_ptr<test::scripted_backend>> made;
  std::vector<backend*> devices;
  for (std::uint32_t i = 0; i < DEVICES; ++i) {
    made.push_back(std::make_unique<test::scripted_backend>(
        device(device_kind::cuda, static_cast<int>(i)), test::scripted_backend::script{}));
    devices.push_back(made.back().get());
  }
  transfer_plan plan;
  for (std::uint32_t i = 0; i < DEVICES; ++i) plan.demands.emplace_back().row = i;
  std::mt19937 random(7);
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    chunk one{.read_bytes = 1, .needs_slot = true};
    one.copies.begin = static_cast<std::uint32_t>(plan.copies.size());
    for (int taker = 0; taker < 3; ++taker) {
      plan.copies.emplace_back().demand = static_cast<std::uint32_t>(random() % DEVICES);
    }
    one.copies.end = static_cast<std::uint32_t>(plan.copies.size());
    plan.chunks.push_back(one);
  }
  for (auto _ : state) {
    chunk_queue queue(plan, devices, devices, std::size_t{2} * DEVICES);
    std::deque<std::uint32_t> held;
    while (!queue.empty()) {
      while (queue.ready(true)) held.push_back(queue.take(true).begin);
      for (const std::uint32_t device : queue.devices_of(held.front())) queue.release(device);
      held.pop_front();
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(queue_of_chunks)->Arg(2000)->Arg(8000)->Arg(32000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace warmstart::detail
