#include <optional>
#include <span>
#include <vector>

#include "cli/atomic_file.hpp"
#include "cli/commands.hpp"
#include "cli/dump.hpp"
#include "cli/job.hpp"
#include "cli/output.hpp"
#include "cli/run_report.hpp"
#include "cli/watched.hpp"

namespace warmstart::detail::cli {

int run_command(const std::string& job_path, const job_options& options, bool json,
                std::FILE* out) {
  finished_job done{
      .job = resolve_job(read_job(job_path), options.device), .report = {}, .resident = {}};
  std::vector<dumped_row> dumped;
  if (!options.dump_directory.empty()) {
    dumped = plan_dump(done.job.store);
    make_dump_directory(options.dump_directory);
  }
  load_options load = options.load;
  load_trace trace;
  std::optional<atomic_file> trace_file;
  if (!options.trace_path.empty()) {
    trace_file.emplace(options.trace_path);  // find out before the load whether it can be written
    load.trace = &trace;
  }
  const bool silent = options.quiet && options.progress == when::automatic;
  done.report =
      watched(load, silent ? when::never : options.progress,
              [&](const load_options& how) { return run_initializers(done.job.store, how); });
  if (trace_file) {
    trace_file->write(std::as_bytes(std::span<const char>(to_chrome_json(trace))));
    trace_file->commit();
  }
  done.resident = verify(done.job.store);
  if (!done.resident.damage.empty()) throw error(done.resident.damage);
  if (!dumped.empty()) write_dump(dumped, options.dump_directory);
  if (json) {
    write_json(out, run_json(done, options));
  } else if (!options.quiet) {
    write(out, run_text(done, options));
  }
  return EXIT_DONE;
}

}  // namespace warmstart::detail::cli
