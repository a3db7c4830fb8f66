#include "cli/commands.hpp"
#include "cli/job.hpp"
#include "cli/output.hpp"

namespace warmstart::cli {

int plan_command(const std::string& job_path, const job_options& options, bool json,
                 std::FILE* out) {
  const resolved_job job = resolve_job(read_job(job_path), options.where);
  const load_plan plan = make_plan(job.store, options.load);
  if (json) {
    nlohmann::ordered_json answer = {{"status", "ok"}, {"calls", nlohmann::ordered_json::array()}};
    for (const resolved_assignments& call : job.calls) {
      answer["calls"].push_back(nlohmann::ordered_json::parse(to_json(call)));
    }
    answer["plan"] = nlohmann::ordered_json::parse(to_json(plan));
    write_json(out, answer);
    return EXIT_DONE;
  }
  for (const resolved_assignments& call : job.calls) {
    write(out, "from " + printable(call.checkpoint) + "\n" + to_string(call) + '\n');
  }
  write(out, to_string(plan));
  return EXIT_DONE;
}

}  // namespace warmstart::cli
