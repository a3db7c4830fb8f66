#include <fmt/format.h>

#include "base/human_bytes.hpp"
#include "cli/commands.hpp"
#include "cli/job.hpp"
#include "cli/output.hpp"

namespace warmstart::detail::cli {
namespace {

std::string call_text(const resolved_assignments& call, bool all_rows) {
  if (!is_long(call.rows.size() + call.kept.size(), all_rows)) return to_string(call);
  std::int64_t bytes = 0;
  for (const resolved_assignment& row : call.rows) bytes += row.size_bytes;
  return fmt::format("{} assigned, {}; {} kept (--rows lists them)\n",
                     counted(call.rows.size(), "row"), human_bytes(bytes), call.kept.size()) +
         ambiguity_text(call);
}

}  // namespace

int plan_command(const std::string& job_path, const job_options& options, bool json,
                 std::FILE* out) {
  const resolved_job job = resolve_job(read_job(job_path), options.device);
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
    write(out,
          "from " + printable(call.checkpoint) + "\n" + call_text(call, options.all_rows) + '\n');
  }
  write(out, to_string(plan));
  return EXIT_DONE;
}

}  // namespace warmstart::detail::cli
