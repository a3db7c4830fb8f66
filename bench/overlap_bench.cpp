// Compares the duration of loads over several GPUs with that of their slowest stage alone, under
// the emulator's link model and with slowed-down files. Prints lines of JSON, which bench/run
// formats as a table. See overlap_bench --help.

#include <cudaemu.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include "contest.hpp"
#include "linked_load.hpp"
#include "trace_svg.hpp"

namespace warmstart::detail {
namespace {

// So slow that the time of the emulation itself does not matter.
constexpr double HOST_GBPS = 0.1;
constexpr double PEER_GBPS = 0.1;
constexpr double MAX_OF_SLOWEST = 1.1;
constexpr double MAX_OF_PREDICTED = 1.1;

struct settings {
  std::string directory;
  std::int64_t divisor = 1;
  int rounds = 5;
  std::string svg;
};

struct load_case {
  int gpus = 1;
  model_layout how = model_layout::sharded;
  bool peers = true;
  double storage_gbps = 0.1;

  [[nodiscard]] std::string name() const {
    return fmt::format("{} GPU{}, {}, storage {} GB/s", gpus, gpus == 1 ? "" : "s",
                       how == model_layout::sharded ? "sharded"
                       : peers                      ? "replicated over peers"
                                                    : "replicated from the host",
                       storage_gbps);
  }
  [[nodiscard]] machine_speeds speeds() const {
    return {.storage_gbps = storage_gbps,
            .memory_gbps = 0,
            .links = even_links(gpus, HOST_GBPS, peers ? PEER_GBPS : 0)};
  }
};

std::vector<load_case> all_cases() {
  std::vector<load_case> cases;
  for (const double storage : {0.1, 0.4}) {
    for (const int gpus : {1, 2, 4}) {
      cases.push_back({.gpus = gpus, .storage_gbps = storage});
      if (gpus == 1) continue;
      for (const bool peers : {true, false}) {
        cases.push_back({.gpus = gpus,
                         .how = model_layout::replicated,
                         .peers = peers,
                         .storage_gbps = storage});
      }
    }
  }
  return cases;
}

stored_model model_of(std::int64_t divisor) {
  stored_model model;
  for (int i = 0; i < 12; ++i) {
    model.push_back({fmt::format("layer_{:02}/kernel", i),
                     dtype::float32,
                     {std::max<std::int64_t>(1024 / divisor, 16), 1024}});
  }
  model.push_back({"table", dtype::float32, {64, 64}});  // its parts are scattered
  return model;
}

void set_links(const load_case& one) {
  const machine_speeds speeds = one.speeds();
  for (int from = 0; from < one.gpus; ++from) {
    cudaemu_set_link(CUDAEMU_HOST, from, HOST_GBPS);
    for (int to = 0; to < one.gpus; ++to) {
      if (from != to) cudaemu_set_link(from, to, PEER_GBPS);
    }
  }
}

void measure(const load_case& one, const std::string& prefix, const stored_model& model,
             const settings& given) {
  set_links(one);
  const machine_speeds speeds = one.speeds();
  load_options options{.budget_bytes = 16 << 20, .chunk_bytes = 256 << 10, .reader_threads = 4};
  options.links = speeds.links;
  const auto store = [&] { return make_store(prefix, model, first_gpus(one.gpus), one.how); };
  const predicted_load predicted = predict(make_plan(store(), options), speeds);
  std::vector<double> of_slowest;
  std::vector<double> of_predicted;
  // Warm-up: the emulator reads kernels only once.
  (void)run_paced(store(), options, speeds, nullptr);
  for (int round = 0; round < given.rounds; ++round) {
    const double seconds = run_paced(store(), options, speeds, nullptr);
    of_slowest.push_back(seconds / predicted.stages.front().seconds);
    of_predicted.push_back(std::max(seconds / predicted.seconds, predicted.seconds / seconds));
  }
  print_value(
      "overlap",
      fmt::format("{}: time / slowest stage ({})", one.name(), predicted.stages.front().name),
      "ratio", of_slowest, MAX_OF_SLOWEST);
  print_value("overlap", fmt::format("{}: time / predicted time", one.name()), "ratio",
              of_predicted, MAX_OF_PREDICTED);
}

void draw(const std::string& prefix, const stored_model& model, const std::string& path) {
  const load_case one{.gpus = 2, .how = model_layout::replicated, .storage_gbps = 0.2};
  set_links(one);
  load_options options{.budget_bytes = 18 << 20, .chunk_bytes = 1 << 20, .reader_threads = 2};
  options.links = one.speeds().links;
  const auto store = [&] { return make_store(prefix, model, first_gpus(one.gpus), one.how); };
  load_trace trace;
  (void)run_paced(store(), options, one.speeds(), nullptr);
  (void)run_paced(store(), options, one.speeds(), &trace);
  std::ofstream file(path);
  file << to_svg(trace, one.name());
  if (!file.flush()) throw error(error_code::io, path + ": cannot write the file");
}

void run(const settings& given) {
  if (cudaemu_present() == 0) {
    throw error(error_code::device, "found no emulator; run this program with scripts/emulated");
  }
  const std::string prefix = fmt::format("{}/overlap-{}", given.directory, given.divisor);
  const stored_model model = model_of(given.divisor);
  write_model(prefix, model);
  for (const load_case& one : all_cases()) measure(one, prefix, model, given);
  if (!given.svg.empty()) draw(prefix, model, given.svg);
}

}  // namespace
}  // namespace warmstart::detail

int main(int argc, char** argv) {
  CLI::App app("Compares loads over GPUs with slow links with their slowest stage.");
  warmstart::detail::settings given;
  app.add_option("DIRECTORY", given.directory, "Directory for the checkpoint")->required();
  app.add_option("--divisor", given.divisor, "Divides the size of the loads")
      ->check(CLI::Range(1, 4096));
  app.add_option("--rounds", given.rounds, "Rounds per load")->check(CLI::PositiveNumber);
  app.add_option("--svg", given.svg, "Also draw one load into this file");
  CLI11_PARSE(app, argc, argv);
  try {
    warmstart::detail::run(given);
  } catch (const std::exception& bad) {
    std::fprintf(stderr, "overlap_bench: %s\n", bad.what());
    return 1;
  }
  return 0;
}
