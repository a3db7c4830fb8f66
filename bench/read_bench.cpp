// Measures calls other than loads that read a checkpoint or compute checksums, compared with plain
// programs that do the same. Prints lines of JSON, which bench/run formats as a table. See
// read_bench --help.

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
  app.add_option("DIRECTORY", s.directory,
                 "Directory of the checkpoint, which is written if necessary")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--measure", measure,
                 "Reads of tensors, verification of a checkpoint and of variables, or "
                 "checksums for a file that has none")
      ->check(CLI::IsMember({"read", "verify", "checksum"}))
      ->capture_default_str();
  app.add_option("--divisor", s.divisor, "Divides the number of bytes and calls")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--threads", s.threads, "Threads of plain programs and of kept engines")
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
