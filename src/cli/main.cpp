// The warmstart program: reads the command line, runs a command, turns errors into exit statuses.

#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <system_error>

#include "cli/cancellation.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/standard_descriptors.hpp"

namespace {

using namespace warmstart;
namespace cli = warmstart::detail::cli;

int run(const cli::arguments& given) {
  const std::string& command = given.command;
  if (command == "inspect") {
    return cli::inspect_command(given.path, given.checkpoint.format, given.inspect, given.json,
                                stdout);
  }
  if (command == "verify") {
    return cli::verify_command(given.path, given.checkpoint, given.json, stdout);
  }
  if (command == "checksum") {
    return cli::checksum_command(given.path, given.checkpoint, given.json, stdout);
  }
  if (command == "map") {
    return cli::map_command(given.path, given.target_path, given.json, stdout);
  }
  if (command == "completion") return cli::completion_command(given.shell, stdout);
  if (command == "devices") return cli::devices_command(given.json, stdout);
  if (command == "plan") return cli::plan_command(given.path, given.options, given.json, stdout);
  return cli::run_command(given.path, given.options, given.json, stdout);
}

int run_reporting(const cli::arguments& given) {
  const auto fail = [&](const error& what) {
    cli::report_error(what, given.json, stdout, stderr);
    cli::end_if_cancelled();
    return cli::EXIT_WRONG;
  };
  try {
    return run(given);
  } catch (const error& what) {
    return fail(what);
  } catch (const std::bad_alloc&) {
    return fail(error(error_code::out_of_memory, "host memory does not suffice"));
  } catch (const std::system_error& bad) {
    return fail(error(error_code::io, bad.what()));
  } catch (const std::exception& bad) {
    return fail(error(error_code::unsupported, bad.what()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (!cli::open_standard_descriptors()) return cli::EXIT_WRONG;
  cli::watch_for_cancellation();
  try {
    const cli::parsed_command_line line = cli::parse_command_line(argc, argv);
    return line.exit_status ? *line.exit_status : run_reporting(line.given);
  } catch (const std::exception& bad) {
    std::fprintf(stderr, "warmstart: %s\n", bad.what());
    return cli::EXIT_WRONG;
  }
}
