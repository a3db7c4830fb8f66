// Measures one kind of load, and the ceilings of this machine at the same time. Prints lines of
// JSON, which bench/run formats as a table. See load_bench --help.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <string>
#include <thread>

#include "contest.hpp"
#include "load_contest.hpp"
#include "loads.hpp"
#include "memory_measurement.hpp"
#include "stored_model.hpp"

namespace warmstart::detail {
namespace {

struct settings {
  std::string directory;
  std::string load;
  std::string measure = "warm";
  std::string device = "cpu:0";
  std::int64_t divisor = 1;
  std::size_t threads = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  int rounds = 5;
};

void add_options(CLI::App& app, settings& s) {
  app.add_option("DIRECTORY", s.directory,
                 "Directory of the checkpoints, which are written if necessary")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("LOAD", s.load, "big, many, mix, embedding or cast")->required();
  app.add_option(
         "--measure", s.measure,
         "State of the files: read into the page cache (warm), written (written), or not in the "
         "cache (cold); or measure peak memory (memory)")
      ->check(CLI::IsMember({"warm", "written", "cold", "memory"}))
      ->capture_default_str();
  app.add_option("--device", s.device, "Device of the variables: cpu:0 or cuda:N")
      ->capture_default_str();
  app.add_option("--divisor", s.divisor, "Divides the size of the loads")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--threads", s.threads, "Threads of ceilings and loads")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--rounds", s.rounds)->check(CLI::Range(1, 1000))->capture_default_str();
}

const device_info& find_device(const std::vector<device_info>& all, const device& wanted) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.device == wanted; });
  if (found != all.end()) return *found;
  throw error(error_code::device, "there is no device " + to_string(wanted));
}

void run(const settings& s) {
  const auto all = devices();
  const device_info& target = find_device(all, device(s.device));
  const named_load what = make_load(s.load, s.divisor);
  const std::string prefix =
      fmt::format("{}/{}-{}", s.directory, what.name, size_bytes(what.model));
  write_model(prefix, what.model);
  if (s.measure == "memory") {
    measure_memory(prefix, what, s.threads);
    return;
  }
  const contest_settings settings{.prefix = prefix,
                                  .threads = s.threads,
                                  .device = target.device,
                                  .just_written = s.measure == "written"};
  load_contest contest(settings, what);
  auto contestants = s.measure == "cold"      ? contest.cold()
                     : s.measure == "written" ? contest.written()
                                              : contest.warm();
  // Times of an emulated device have no meaning; the loads have only to succeed.
  if (!target.emulated) measure(contestants, s.rounds);
  print_lines(s.load, contestants);
}

}  // namespace
}  // namespace warmstart::detail

int main(int argc, char** argv) try {
  CLI::App app("Measures one kind of load, and the ceilings of this machine.", "load_bench");
  warmstart::detail::settings s;
  warmstart::detail::add_options(app, s);
  CLI11_PARSE(app, argc, argv);
  warmstart::detail::run(s);
  return 0;
} catch (const std::exception& thrown) {
  fmt::print(stderr, "load_bench: {}\n", thrown.what());
  return 1;
}
