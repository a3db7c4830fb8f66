// Measures opening, resolving and planning for checkpoints with very many tensors. Prints lines of
// JSON, which bench/run formats as a table. See plan_bench --help.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "contest.hpp"
#include "stopwatch.hpp"
#include "stored_model.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t FEWEST = 200'000;
constexpr double MAX_SECONDS = 0.5;  ///< for the smallest number of tensors
constexpr std::int64_t FEWEST_CALLS = 4'000;
/// Sorting n names takes time proportional to log n per name. Anything slower fails.
constexpr double MAX_RATIO = 1.5;

struct settings {
  std::string directory;
  std::int64_t divisor = 1;
  int rounds = 5;
};

stored_model model_of(std::int64_t count) {
  stored_model model;
  for (std::int64_t i = 0; i < count; ++i) {
    model.push_back({fmt::format("model/block_{:04}/layer_{:07}/kernel", i / 100, i),
                     dtype::float32,
                     {16, 64}});
  }
  return model;
}

struct times {
  std::vector<double> resolve;
  std::vector<double> plan;
  std::vector<double> both;
};

times measure(const std::string& prefix, const stored_model& model, int rounds) {
  times made;
  for (int i = 0; i < rounds; ++i) {
    variable_store vars(device::host());
    for (const stored_tensor& one : model) vars.get_variable(one.name, one.shape);
    made.resolve.push_back(seconds_of([&] {
      init_from_checkpoint(vars, prefix, {{"model/", "model/"}});
    }));
    made.plan.push_back(seconds_of([&] { (void)make_plan(vars); }));
    made.both.push_back(made.resolve.back() + made.plan.back());
  }
  return made;
}

/// One call per variable, as in programs in which every layer initializes its own variables.
std::vector<double> measure_calls(const std::string& prefix, const stored_model& model,
                                  int rounds) {
  std::vector<double> made;
  for (int i = 0; i < rounds; ++i) {
    variable_store vars(device::host());
    for (const stored_tensor& one : model) vars.get_variable(one.name, one.shape);
    made.push_back(seconds_of([&] {
      for (const stored_tensor& one : model) {
        init_from_checkpoint(vars, prefix, {{one.name, one.name}});
      }
    }));
  }
  return made;
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void run_calls(const settings& s) {
  double first_of_each = 0;
  for (const std::int64_t times_as_many : {1, 4}) {
    const std::int64_t count = std::max<std::int64_t>(FEWEST_CALLS / s.divisor, 10) * times_as_many;
    const stored_model model = model_of(count);
    const std::string prefix = fmt::format("{}/calls-{}", s.directory, count);
    write_index(prefix, model);
    const std::vector<double> found = measure_calls(prefix, model, s.rounds);
    std::filesystem::remove(prefix + ".index");
    std::filesystem::remove(data_path(prefix));
    print_value("plan", fmt::format("{} calls, one a variable", count), "seconds", found, 0);
    const double of_each = median_of(found) / static_cast<double>(count);
    if (times_as_many == 1) {
      first_of_each = of_each;
    } else {
      print_value("plan",
                  fmt::format("time of each of {} calls, of {}", count, count / times_as_many),
                  "ratio", {of_each / first_of_each}, MAX_RATIO);
    }
  }
}

void run(const settings& s) {
  double first_of_each = 0;
  for (const std::int64_t times_as_many : {1, 2, 5, 10}) {
    const std::int64_t count = std::max<std::int64_t>(FEWEST / s.divisor, 10) * times_as_many;
    const stored_model model = model_of(count);
    const std::string prefix = fmt::format("{}/plan-{}", s.directory, count);
    write_index(prefix, model);
    const times found = measure(prefix, model, s.rounds);
    std::filesystem::remove(prefix + ".index");
    std::filesystem::remove(data_path(prefix));
    const auto print = [&](const std::string& what, const std::vector<double>& values,
                           double at_most) {
      print_value("plan", fmt::format("{}, {} tensors", what, count), "seconds", values, at_most);
    };
    print("open and resolve", found.resolve, 0);
    print("plan", found.plan, 0);
    print("open, resolve and plan", found.both, times_as_many == 1 ? MAX_SECONDS : 0);
    const double of_each = median_of(found.both) / static_cast<double>(count);
    if (times_as_many == 1) {
      first_of_each = of_each;
    } else {
      print_value("plan",
                  fmt::format("time of each of {} tensors, of {}", count, count / times_as_many),
                  "ratio", {of_each / first_of_each}, MAX_RATIO);
    }
  }
}

}  // namespace
}  // namespace warmstart::detail

int main(int argc, char** argv) try {
  CLI::App app("Measures opening, resolving and planning.", "plan_bench");
  warmstart::detail::settings s;
  app.add_option("DIRECTORY", s.directory,
                 "Directory for checkpoints, which are removed afterwards")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--divisor", s.divisor, "Divides the number of tensors")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--rounds", s.rounds)->check(CLI::Range(1, 1000))->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  warmstart::detail::run(s);
  warmstart::detail::run_calls(s);
  return 0;
} catch (const std::exception& thrown) {
  fmt::print(stderr, "plan_bench: {}\n", thrown.what());
  return 1;
}
