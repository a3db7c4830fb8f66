// The warmstart program: reads the command line, runs a command, turns errors into exit codes.

#include <CLI/CLI.hpp>
#include <exception>
#include <map>
#include <new>
#include <string>
#include <system_error>

#include "cli/byte_count.hpp"
#include "cli/commands.hpp"
#include "cli/standard_descriptors.hpp"

namespace {

using namespace warmstart;

constexpr auto DESCRIPTION =
    "Initializes device-resident variables from checkpoint files.\n"
    "\n"
    "  warmstart inspect model.ckpt            what is in a checkpoint\n"
    "  warmstart verify model.ckpt             is every byte of it what was written\n"
    "  warmstart plan job.json                 who would get what, and what that costs\n"
    "  warmstart run job.json --verify         load it, and compare what is in memory\n"
    "  warmstart checksum model.safetensors    give it checksums, in a file beside it\n"
    "  warmstart map model.ckpt job.json       which tensor may be which variable's\n"
    "  warmstart devices                       what variables can be put on\n";
constexpr auto FOOTER =
    "Exit status: 0 done; 1 the job is wrong or the checkpoint is damaged; 2 bad usage.";

/// The command line, as far as it was given.
struct arguments {
  std::string path;
  std::string target_path;
  bool json = false;
  std::string where;
  cli::inspect_options inspect;
  cli::job_options options;
};

// Refuses text that names no device, as bad usage.
std::string check_device(const std::string& text) {
  try {
    (void)device(text);
    return {};
  } catch (const error& bad) {
    return bad.what();
  }
}

std::string to_byte_count(const std::string& text) {
  try {
    return std::to_string(cli::parse_byte_count(text));
  } catch (const error& bad) {
    throw CLI::ValidationError("--budget", bad.what());
  }
}

void add_json(CLI::App& command, arguments& given) {
  command.add_flag("--json", given.json, "Print exactly one JSON object");
}

void add_inspect_options(CLI::App& command, arguments& given) {
  add_json(command, given);
  command
      .add_option("--filter", given.inspect.filter,
                  "Only tensors whose name holds this, or fits it if it has * or ?")
      ->option_text("TEXT");
  CLI::Option* tree = command.add_flag("--tree", given.inspect.tree, "By scopes, with their sums");
  tree->excludes("--json");
  command.add_option("--depth", given.inspect.depth, "Levels of the tree (default: all)")
      ->check(CLI::PositiveNumber)
      ->needs(tree)
      ->option_text("N");
}

void add_job_options(CLI::App& command, arguments& given) {
  load_options& load = given.options.load;
  command.add_option("JOB", given.path, "Job file")->required();
  add_json(command, given);
  command.add_flag("--rows", given.options.all_rows,
                   "List every variable, part and replica (default: up to 40)");
  command.add_option("--device", given.where, "Default device instead of the job's: cpu:0, cuda:N")
      ->check(check_device)
      ->option_text("DEVICE");
  command
      .add_option("--budget", load.budget_bytes, "Staging memory in bytes, or with a unit: 64MiB")
      ->transform(to_byte_count)
      ->option_text("BYTES");
  command
      .add_option("--threads", load.reader_threads,
                  "Reader threads (default: one per processor, for direct reads 16)")
      ->check(CLI::Range(1, 1024))
      ->option_text("N");
  command.add_option("--checksums", load.checksums, "Compare stored checksums (default: on)")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, bool>{{"on", true}, {"off", false}}))
      ->option_text("on|off");
  using partial = partial_checksums;
  command
      .add_option("--partial-checksums", load.partial,
                  "Read the rest of a piece for its checksum (default: when-half)")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, partial>{{"always", partial::always},
                                                                 {"when-half", partial::when_half},
                                                                 {"never", partial::never}}))
      ->option_text("always|when-half|never");
  using io = load_options::io_mode;
  command.add_option("--io", load.io, "How files are read (default: auto)")
      ->transform(CLI::CheckedTransformer(std::map<std::string, io>{{"auto", io::automatic},
                                                                    {"buffered", io::buffered},
                                                                    {"direct", io::direct},
                                                                    {"mapped", io::mapped}}))
      ->option_text("auto|buffered|direct|mapped");
}

void add_run_options(CLI::App& command, arguments& given) {
  command.add_option("--dump", given.options.dump_directory, "Also write each row as DIR/NAME.npy")
      ->check(CLI::ExistingDirectory)
      ->option_text("DIR");
  command
      .add_option("--trace", given.options.trace_path,
                  "Also write what each reader, slot and device did when, for ui.perfetto.dev")
      ->option_text("FILE");
  command.add_flag("--verify", given.options.verify,
                   "Say how the bytes in memory were compared with the checkpoint");
  CLI::Option* quiet = command.add_flag("--quiet", given.options.quiet, "Print nothing but errors");
  quiet->excludes("--json")->excludes("--rows");
  command
      .add_option("--progress", given.options.progress,
                  "Show progress on standard error (default: auto, if it is a terminal)")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, cli::when>{{"auto", cli::when::automatic},
                                                                   {"always", cli::when::always},
                                                                   {"never", cli::when::never}}))
      ->option_text("auto|always|never");
}

int run(CLI::App& app, arguments& given) {
  if (!given.where.empty()) given.options.where = device(given.where);
  if (app.got_subcommand("inspect")) {
    return cli::inspect_command(given.path, given.inspect, given.json, stdout);
  }
  if (app.got_subcommand("checksum")) return cli::checksum_command(given.path, given.json, stdout);
  if (app.got_subcommand("verify")) return cli::verify_command(given.path, given.json, stdout);
  if (app.got_subcommand("map")) {
    return cli::map_command(given.path, given.target_path, given.json, stdout);
  }
  if (app.got_subcommand("devices")) return cli::devices_command(given.json, stdout);
  if (app.got_subcommand("plan")) {
    return cli::plan_command(given.path, given.options, given.json, stdout);
  }
  return cli::run_command(given.path, given.options, given.json, stdout);
}

int run_reporting(CLI::App& app, arguments& given) {
  const auto fail = [&](const error& what) {
    cli::report_error(what, given.json, stdout, stderr);
    return cli::EXIT_WRONG;
  };
  try {
    return run(app, given);
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

int parse_and_run(int argc, char** argv) {
  CLI::App app(DESCRIPTION, "warmstart");
  app.set_version_flag("--version", "warmstart " + std::string(version()));
  app.require_subcommand(1);
  app.footer(FOOTER);
  arguments given;

  CLI::App* inspect = app.add_subcommand("inspect", "List a checkpoint's tensors");
  inspect->add_option("PATH", given.path, "Prefix, file or directory")->required();
  add_inspect_options(*inspect, given);
  CLI::App* verify = app.add_subcommand("verify", "Compare every checksum of a checkpoint");
  verify->add_option("PATH", given.path, "Prefix, file or directory")->required();
  add_json(*verify, given);
  CLI::App* checksum =
      app.add_subcommand("checksum", "Write checksums beside a checkpoint whose format has none");
  checksum->add_option("PATH", given.path, "File or directory")->required();
  add_json(*checksum, given);
  CLI::App* map = app.add_subcommand("map", "Propose an assignment map, to be edited");
  map->add_option("PATH", given.path, "Checkpoint: prefix, file or directory")->required();
  map->add_option("TARGET", given.target_path,
                  "What is to be initialized: a job file (*.json), or a checkpoint")
      ->required();
  add_json(*map, given);
  CLI::App* plan = app.add_subcommand("plan", "Resolve and plan a job, move nothing");
  add_job_options(*plan, given);
  CLI::App* load = app.add_subcommand("run", "Run a job");
  add_job_options(*load, given);
  add_run_options(*load, given);
  add_json(*app.add_subcommand("devices", "List the host and the GPUs"), given);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& bad) {
    return app.exit(bad) == 0 ? cli::EXIT_DONE : cli::EXIT_USAGE;
  }
  return run_reporting(app, given);
}

}  // namespace

int main(int argc, char** argv) {
  if (!cli::open_standard_descriptors()) return cli::EXIT_WRONG;
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& bad) {
    std::fprintf(stderr, "warmstart: %s\n", bad.what());
    return cli::EXIT_WRONG;
  }
}
