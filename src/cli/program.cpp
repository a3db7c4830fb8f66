#include "cli/program.hpp"

#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <system_error>

#include "cli/cancellation.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/standard_descriptors.hpp"

namespace warmstart::detail::cli {
namespace {

int run(const arguments& given) {
  const std::string& command = given.command;
  if (command == "inspect") {
    return inspect_command(given.path, given.checkpoint.format, given.inspect, given.json, stdout);
  }
  if (command == "verify") {
    return verify_command(given.path, given.checkpoint, given.json, stdout);
  }
  if (command == "checksum") {
    return checksum_command(given.path, given.checkpoint, given.json, stdout);
  }
  if (command == "map") {
    return map_command(given.path, given.target_path, given.json, stdout);
  }
  if (command == "completion") return completion_command(given.shell, stdout);
  if (command == "devices") return devices_command(given.json, stdout);
  if (command == "plan") return plan_command(given.path, given.options, given.json, stdout);
  return run_command(given.path, given.options, given.json, stdout);
}

int run_reporting(const arguments& given) {
  const auto fail = [&](const error& what) {
    report_error(what, given.json, stdout, stderr);
    end_if_cancelled();
    return EXIT_WRONG;
  };
  try {
    return run(given);
  } catch (const error& what) {
    return fail(what);
  } catch (const std::bad_alloc&) {
    return fail(error(error_code::out_of_memory, "not enough host memory"));
  } catch (const std::system_error& bad) {
    return fail(error(error_code::io, bad.what()));
  } catch (const std::exception& bad) {
    return fail(error(error_code::unsupported, bad.what()));
  }
}

}  // namespace

int run_program(int argc, const char* const* argv) {
  if (!open_standard_descriptors()) return EXIT_WRONG;
  watch_for_cancellation();
  try {
    const parsed_command_line line = parse_command_line(argc, argv);
    return line.exit_status ? *line.exit_status : run_reporting(line.given);
  } catch (const std::exception& bad) {
    std::fprintf(stderr, "warmstart: %s\n", bad.what());
    return EXIT_WRONG;
  }
}

}  // namespace warmstart::detail::cli
