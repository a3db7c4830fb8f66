// Calls other than loads that read a checkpoint or compute checksums, beside plain programs that do
// the same. Prints lines of JSON; bench/run makes a table of them. read_bench --help tells its
// options.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <string>
#include <thread>

#include "read_contest.hpp"

int main(int argc, char** argv) try {
  CLI::App app("Measures reads of single tensors, and checksums of files and memory.",
               "read_bench");
  warmstart::detail::read_settings s;
  s.threads = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  std::string measure = "read";
  app.add_option("DIRECTORY", s.directory, "Where the checkpoint is, or will be")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--measure", measure,
                 "Tensors that are read, verification of a checkpoint and of variables, or "
                 "checksums for a file that has none")
      ->check(CLI::IsMember({"read", "verify", "checksum"}))
      ->capture_default_str();
  app.add_option("--divisor", s.divisor, "So many times fewer bytes and calls")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--threads", s.threads, "Of plain programs, and of engines that are kept")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--rounds", s.rounds)->check(CLI::Range(1, 1000))->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  warmstart::detail::read_contest contest(s);
  if (measure == "read") contest.measure_reads();
  if (measure == "verify") contest.measure_verification();
  if (measure == "checksum") contest.measure_checksums();
  return 0;
} catch (const std::exception& thrown) {
  fmt::print(stderr, "read_bench: {}\n", thrown.what());
  return 1;
}
