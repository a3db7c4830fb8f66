#include "cli/command_options.hpp"

#include <string>
#include <utility>
#include <vector>

#include "cli/option_values.hpp"

namespace warmstart::detail::cli {
namespace {

constexpr auto DESCRIPTION =
    "Initializes variables on the host and on GPUs from checkpoint files.\n"
    "\n"
    "  warmstart inspect model.ckpt            list a checkpoint's tensors\n"
    "  warmstart verify model.ckpt             check all of its data against its checksums\n"
    "  warmstart plan job.json                 show what a load would read, copy and allocate\n"
    "  warmstart run job.json --verify         load, and verify the bytes in memory\n"
    "  warmstart checksum model.safetensors    write checksums to a file beside it\n"
    "  warmstart map model.ckpt job.json       propose an assignment map\n"
    "  warmstart devices                       list the host and the GPUs\n"
    "  warmstart completion bash               print a script for command-line completion\n";
constexpr auto FOOTER =
    "Exit status: 0 success; 1 the job is wrong or the checkpoint is damaged; 2 wrong usage;\n"
    "3 verify: the checkpoint has no checksums; 130 cancelled (Ctrl-C).";
constexpr auto VERIFY_FOOTER =
    "Exit status: 0 every checksum agrees; 1 the checkpoint is damaged; 3 it has no checksums,\n"
    "and nothing was read.";
constexpr auto PLAN_FOOTER =
    "Columns of the table of devices:\n"
    "  variables   rows: each part and each replica counts\n"
    "  memory      bytes to allocate\n"
    "  landed      bytes read in place, straight into variables\n"
    "  copied      contiguous runs, each copied from a staging slot\n"
    "  scattered   strided boxes and short runs, copied together\n"
    "  converted   bytes that are cast or byte-swapped on the way\n"
    "  relayed     peer copies from replicas on other devices\n"
    "  filled      bytes written by initializers\n"
    "  link        bytes that cross the link from the host to the device";
constexpr auto JOB_FOOTER =
    "A job file lists variables, and the tensors that initialize them:\n"
    "  {\"device\": \"cpu:0\",\n"
    "   \"variables\": [{\"name\": \"encoder/w\", \"shape\": [5, 4]}],\n"
    "   \"initialize\": [{\"checkpoint\": \"model.ckpt\",\n"
    "                   \"assignment_map\": {\"net/\": \"encoder/\"}}]}\n"
    "docs/job-file.md describes all fields. Variables to which no tensor is assigned run their\n"
    "initializers.";
constexpr auto CHECKPOINT_TEXT = "Checkpoint: prefix, file or directory";
constexpr auto JOB_TEXT = "Job file, or - for standard input";

using choice_list = std::vector<std::pair<std::string, int>>;

template <class Value>
CLI::Option* add_choice(CLI::App& command, const std::string& name, Value& value,
                        choice_list choices, const std::string& text) {
  const std::string shown = words_of(choices);
  return command.add_option(name, value, text)
      ->transform(one_of(std::move(choices)))
      ->option_text(shown);
}

template <class Enumeration>
int number_of(Enumeration value) {
  return static_cast<int>(value);
}

void add_json(CLI::App& command, arguments& given) {
  command.add_flag("--json", given.json, "Print exactly one JSON object");
}

void add_format(CLI::App& command, arguments& given) {
  command
      .add_option("--format", given.checkpoint.format,
                  "Format of the checkpoint (default: detected)")
      ->option_text("NAME");
}

void add_progress(CLI::App& command, when& progress) {
  add_choice(command, "--progress", progress,
             {{"auto", number_of(when::automatic)},
              {"always", number_of(when::always)},
              {"never", number_of(when::never)}},
             "Show progress on standard error (default: auto, if it is a terminal)");
}

void add_threads(CLI::App& command, std::size_t& threads, const std::string& text) {
  command.add_option("--threads", threads, text)->check(number_from(0, 1024))->option_text("N");
}

void add_inspect(CLI::App& app, arguments& given) {
  CLI::App& command = *app.add_subcommand("inspect", "List a checkpoint's tensors");
  command.add_option("PATH", given.path, CHECKPOINT_TEXT)->required();
  add_json(command, given);
  add_format(command, given);
  command
      .add_option("--filter", given.inspect.filter,
                  "Only tensors whose name contains TEXT, or matches it if it has * or ?")
      ->option_text("TEXT");
  CLI::Option* tree =
      command.add_flag("--tree", given.inspect.tree, "Group tensors by scope, with sums");
  tree->excludes("--json");
  command.add_option("--depth", given.inspect.depth, "Levels of the tree (default: all)")
      ->check(number_from(1, 1000))
      ->needs(tree)
      ->option_text("N");
}

// Options of commands that read a whole checkpoint.
void add_reading(CLI::App& command, arguments& given) {
  command.add_option("PATH", given.path, CHECKPOINT_TEXT)->required();
  add_json(command, given);
  add_format(command, given);
  add_threads(command, given.checkpoint.reader_threads,
              "Reader threads (default 0: one per processor)");
  add_progress(command, given.checkpoint.progress);
}

void add_verify(CLI::App& app, arguments& given) {
  CLI::App& command =
      *app.add_subcommand("verify", "Check all data of a checkpoint against its checksums");
  add_reading(command, given);
  command.footer(VERIFY_FOOTER);
}

void add_checksum(CLI::App& app, arguments& given) {
  add_reading(
      *app.add_subcommand("checksum", "Write checksums beside a checkpoint whose format has none"),
      given);
}

void add_map(CLI::App& app, arguments& given) {
  CLI::App& command = *app.add_subcommand("map", "Propose an assignment map for you to edit");
  command.add_option("PATH", given.path, CHECKPOINT_TEXT)->required();
  command
      .add_option("TARGET", given.target_path,
                  "What to initialize: a job file (*.json) or a checkpoint")
      ->required();
  add_json(command, given);
}

void add_job_options(CLI::App& command, arguments& given) {
  load_options& load = given.options.load;
  command.add_option("JOB", given.path, JOB_TEXT)->required();
  add_json(command, given);
  command.add_flag("--rows", given.options.all_rows,
                   "List every variable, part and replica (default: at most 40, else sums)");
  command
      .add_option_function<std::string>(
          "--device", [&given](const std::string& name) { given.options.device = device(name); },
          "Default device instead of the job's: cpu:0, cuda:N")
      ->check(device_name())
      ->option_text("DEVICE");
  command
      .add_option("--budget", load.budget_bytes, "Staging memory in bytes, or with a unit: 64MiB")
      ->transform(byte_count())
      ->option_text("BYTES");
  add_threads(command, load.reader_threads,
              "Reader threads (default 0: one per processor, for direct reads 16)");
  add_choice(command, "--checksums", load.checksums, {{"on", 1}, {"off", 0}},
             "Check data against stored checksums while reading (default: on)");
  using partial = partial_checksums;
  add_choice(command, "--partial-checksums", load.partial_checksums,
             {{"always", number_of(partial::always)},
              {"when-half", number_of(partial::when_half)},
              {"never", number_of(partial::never)}},
             "Read the rest of a stored piece to check it (default: when-half)");
  using io = load_options::io_mode;
  add_choice(command, "--io", load.io,
             {{"auto", number_of(io::automatic)},
              {"buffered", number_of(io::buffered)},
              {"direct", number_of(io::direct)},
              {"mapped", number_of(io::mapped)}},
             "How files are read (default: auto)");
}

void add_plan(CLI::App& app, arguments& given) {
  CLI::App& command = *app.add_subcommand("plan", "Resolve and plan a job without loading it");
  add_job_options(command, given);
  command.footer(std::string(PLAN_FOOTER) + "\n\n" + JOB_FOOTER);
}

void add_run(CLI::App& app, arguments& given) {
  CLI::App& command = *app.add_subcommand("run", "Load what a job describes");
  add_job_options(command, given);
  command
      .add_option("--dump", given.options.dump_directory,
                  "Also write each row to DIR/NAME.npy; creates DIR if necessary")
      ->option_text("DIR");
  command
      .add_option("--trace", given.options.trace_path,
                  "Also write a timeline of readers, slots and devices, for ui.perfetto.dev")
      ->option_text("FILE");
  command.add_flag("--verify", given.options.verify,
                   "Report how the bytes in memory were verified");
  command.add_flag("--quiet", given.options.quiet, "Print nothing but errors")
      ->excludes("--json")
      ->excludes("--rows");
  add_progress(command, given.options.progress);
  command.footer(JOB_FOOTER);
}

void add_devices(CLI::App& app, arguments& given) {
  add_json(*app.add_subcommand("devices", "List the host and the GPUs"), given);
}

void add_completion(CLI::App& app, arguments& given) {
  CLI::App& command = *app.add_subcommand(
      "completion", "Print a shell script that completes warmstart command lines");
  add_choice(command, "SHELL", given.shell,
             {{"bash", number_of(shell_kind::bash)}, {"zsh", number_of(shell_kind::zsh)}},
             "The shell; to use it: source <(warmstart completion bash)")
      ->required();
}

}  // namespace

std::unique_ptr<CLI::App> make_command_tree(arguments& given) {
  auto app = std::make_unique<CLI::App>(DESCRIPTION, "warmstart");
  app->set_version_flag("--version", "warmstart " + std::string(version()));
  app->require_subcommand(1);
  app->footer(FOOTER);
  add_inspect(*app, given);
  add_verify(*app, given);
  add_checksum(*app, given);
  add_map(*app, given);
  add_plan(*app, given);
  add_run(*app, given);
  add_devices(*app, given);
  add_completion(*app, given);
  return app;
}

}  // namespace warmstart::detail::cli
