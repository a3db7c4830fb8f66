// Predicts how long loads over 1 to 64 GPUs take on a machine with links of given speeds, and what
// they wait for. The prediction uses only plans, so it needs no GPU.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "base/text_table.hpp"
#include "linked_load.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::detail {
namespace {

struct settings {
  std::vector<int> gpus = {1, 2, 4, 8, 16, 32, 64};
  double storage_gbps = 12;
  double memory_gbps = 300;
  double pcie_gbps = 25;
  double peer_gbps = 200;
  std::string checkpoint;  ///< empty: use a transformer
};

// A transformer with 7 billion bfloat16 parameters.
stored_model transformer() {
  constexpr std::int64_t WIDTH = 4096;
  constexpr std::int64_t INNER = 11008;
  constexpr std::int64_t WORDS = 32000;
  stored_model model = {{"embedding", dtype::bfloat16, {WORDS, WIDTH}},
                        {"head/kernel", dtype::bfloat16, {WORDS, WIDTH}}};
  for (int i = 0; i < 32; ++i) {
    const auto add = [&](const char* name, const shape& of) {
      model.push_back({fmt::format("layer_{:02}/{}", i, name), dtype::bfloat16, of});
    };
    for (const char* name : {"query", "key", "value", "output"}) add(name, {WIDTH, WIDTH});
    for (const char* name : {"gate", "up"}) add(name, {INNER, WIDTH});
    add("down", {WIDTH, INNER});
    for (const char* name : {"norm_1", "norm_2"}) add(name, {WIDTH});
  }
  return model;
}

stored_model tensors_of(const checkpoint& of) {
  stored_model model;
  for (const tensor_info& one : of.tensors()) {
    if (one.refusal.empty()) model.push_back({one.name, one.type, one.full_shape});
  }
  return model;
}

// False if a dimension is too short for one part per GPU.
bool can_be_sharded(const stored_model& model, int gpus) {
  for (const stored_tensor& one : model) {
    if (one.shape.rank() > 0 && one.shape[0] < gpus) return false;
  }
  return true;
}

void add_row(text_table& table, const settings& given, const std::string& prefix,
             const stored_model& model, int gpus, model_layout how, bool peers) {
  const machine_speeds speeds{
      .storage_gbps = given.storage_gbps,
      .memory_gbps = given.memory_gbps,
      .links = even_links(gpus, given.pcie_gbps, peers ? given.peer_gbps : 0)};
  load_options options;
  options.links = speeds.links;
  options.budget_bytes = std::int64_t{gpus} << 28;  // the budget includes the mirrors of each GPU
  const load_plan plan = make_plan(make_store(prefix, model, first_gpus(gpus), how), options);
  const predicted_load predicted = predict(plan, speeds);
  const auto seconds_of_kind = [&](std::string_view begin, std::string_view not_begin) {
    double seconds = 0;
    for (const load_stage& one : predicted.stages) {
      const bool fits =
          one.name.starts_with(begin) && (not_begin.empty() || !one.name.starts_with(not_begin));
      if (fits) seconds = std::max(seconds, one.seconds);
    }
    return seconds > 0 ? fmt::format("{:.3f}", seconds) : "";
  };
  // Without this library, each process reads all bytes that its GPU needs.
  std::int64_t resident = 0;
  for (const load_plan::device_totals& one : plan.devices) resident += one.memory_bytes;
  const double alone = static_cast<double>(resident) / (given.storage_gbps * 1e9);
  table.add({fmt::to_string(gpus),
             how == model_layout::sharded ? "sharded"
             : peers                      ? "replicated, peers"
                                          : "replicated",
             seconds_of_kind("storage", ""), seconds_of_kind("host memory", ""),
             seconds_of_kind("host to", ""), seconds_of_kind("cuda:", ""),
             fmt::format("{:.3f}", predicted.seconds), predicted.stages.front().name,
             fmt::format("{:.1f}", alone / predicted.seconds)});
}

void run(const settings& given) {
  const test::temporary_directory scratch;
  std::string prefix = given.checkpoint;
  stored_model model;
  if (prefix.empty()) {
    prefix = scratch / "transformer";
    model = transformer();
    write_index(prefix, model);
  } else {
    model = tensors_of(checkpoint::open(prefix));
  }
  fmt::print(
      "{:.2f} GB in {} tensors; storage {} GB/s, host memory {} GB/s, host to GPU {} GB/s, "
      "GPU to GPU {} GB/s; times in seconds\n\n",
      static_cast<double>(size_bytes(model)) / 1e9, model.size(), given.storage_gbps,
      given.memory_gbps, given.pcie_gbps, given.peer_gbps);
  text_table table({"GPUs", "layout", "storage", "memory", "host link", "peer link", "in all",
                    "waits for", "times faster than one read per GPU"},
                   {0, 2, 3, 4, 5, 6, 8});
  for (const int gpus : given.gpus) {
    if (can_be_sharded(model, gpus)) {
      add_row(table, given, prefix, model, gpus, model_layout::sharded, false);
    }
    if (gpus == 1) continue;
    add_row(table, given, prefix, model, gpus, model_layout::replicated, false);
    if (given.peer_gbps > 0) {
      add_row(table, given, prefix, model, gpus, model_layout::replicated, true);
    }
  }
  fmt::print("{}", table.str());
}

}  // namespace
}  // namespace warmstart::detail

int main(int argc, char** argv) {
  CLI::App app(
      "Predicts how long loads over several GPUs take, and what they wait for.\n"
      "Speeds are in 10^9 bytes per second.",
      "bench/model");
  warmstart::detail::settings given;
  app.add_option("--gpus", given.gpus, "Numbers of GPUs (default: 1,2,4,...,64)")
      ->delimiter(',')
      ->check(CLI::Range(1, 64));
  app.add_option("--storage", given.storage_gbps, "Files (default: 12)")
      ->check(CLI::PositiveNumber);
  app.add_option("--memory", given.memory_gbps, "The host's memory (default: 300)")
      ->check(CLI::PositiveNumber);
  app.add_option("--pcie", given.pcie_gbps, "From the host to each GPU (default: 25)")
      ->check(CLI::PositiveNumber);
  app.add_option("--peer", given.peer_gbps, "Between each pair of GPUs (default: 200; 0: no links)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--checkpoint", given.checkpoint,
                 "Checkpoint to load (default: a transformer with 7 billion parameters)");
  CLI11_PARSE(app, argc, argv);
  try {
    warmstart::detail::run(given);
  } catch (const std::exception& bad) {
    std::fprintf(stderr, "bench/model: %s\n", bad.what());
    return 1;
  }
  return 0;
}
