#include <fmt/format.h>

#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "cli/atomic_file.hpp"
#include "cli/commands.hpp"
#include "cli/dump.hpp"
#include "cli/job.hpp"
#include "cli/output.hpp"
#include "cli/progress_bar.hpp"
#include "core/human_bytes.hpp"
#include "core/text_table.hpp"

namespace warmstart::cli {
namespace {

/// A finished job: what was loaded, and what is resident now.
struct finished_job {
  resolved_job job;
  load_report report;
  verification_report resident;
};

using row_key = std::pair<std::string, device>;

std::map<row_key, const loaded_row*> rows_by_key(const load_report& report) {
  std::map<row_key, const loaded_row*> rows;
  for (const loaded_row& row : report.rows) rows[{row.variable, row.where}] = &row;
  return rows;
}

std::string spelled(const finished_job& done, const std::string& path) {
  return done.job.spelled.at(path);
}

nlohmann::ordered_json row_json(const finished_job& done, const verified_row& resident,
                                const loaded_row& loaded, bool verify) {
  const variable v = *done.job.store.find(resident.variable);
  nlohmann::ordered_json row = {{"name", resident.variable},
                                {"device", to_string(resident.where)},
                                {"dtype", name_of(v.type())},
                                {"shape", v.own_shape().sizes()},
                                {"initialized_from", nullptr}};
  if (resident.from_checkpoint) {
    row["initialized_from"] = {{"checkpoint", spelled(done, loaded.checkpoint)},
                               {"tensor", loaded.tensor}};
    if (v.is_part()) row["initialized_from"]["slice"] = to_string(loaded.of_tensor);
    const std::string& object = done.job.objects.at({resident.variable, resident.where});
    if (!object.empty()) {
      row["initialized_from"]["entry"] = nlohmann::ordered_json::parse(object);
    }
  }
  // What made all of it, or what a remap leaves out.
  if (!loaded.initializer.empty()) row["initializer"] = loaded.initializer;
  row["crc32c"] = hex(resident.crc32c);
  if (verify) row["verified"] = to_string(resident.how);
  return row;
}

nlohmann::ordered_json job_json(const finished_job& done, bool verify) {
  nlohmann::ordered_json answer = {{"status", "ok"},
                                   {"variables", nlohmann::ordered_json::array()},
                                   {"unused_tensors", nlohmann::ordered_json::array()}};
  const auto loaded = rows_by_key(done.report);
  for (const verified_row& row : done.resident.rows) {
    answer["variables"].push_back(
        row_json(done, row, *loaded.at({row.variable, row.where}), verify));
  }
  for (const unused_tensor& one : done.report.unused) {
    answer["unused_tensors"].push_back(
        {{"checkpoint", spelled(done, one.checkpoint)}, {"tensor", one.tensor}});
  }
  // Only where the job allows it: otherwise there is no such thing to tell of.
  for (const kept_variable& one : done.report.kept) {
    answer["kept"].push_back(
        {{"variable", one.variable}, {"checkpoint", spelled(done, one.checkpoint)}});
    if (!one.reason.empty()) answer["kept"].back()["reason"] = one.reason;
  }
  answer["bytes_needed"] = done.report.bytes_needed;
  answer["bytes_read"] = done.report.bytes_read;
  answer["seconds"] = done.report.seconds;
  answer["verified"] = verify && done.resident.complete();
  return answer;
}

std::string source_of(const verified_row& row, const loaded_row& loaded) {
  std::string made = loaded.initializer.empty() ? "" : "(" + loaded.initializer + ")";
  if (!row.from_checkpoint) return made;
  return printable(loaded.tensor) + (made.empty() ? "" : ", " + made);
}

std::string job_text(const finished_job& done, bool verify) {
  text_table rows({"variable", "device", "from", "slice", "crc32c", "verified"}, {});
  const auto loaded = rows_by_key(done.report);
  for (const verified_row& row : done.resident.rows) {
    const loaded_row& from = *loaded.at({row.variable, row.where});
    rows.add({printable(row.variable), to_string(row.where), source_of(row, from),
              row.from_checkpoint ? to_string(from.of_tensor) : "", hex(row.crc32c),
              verify && row.from_checkpoint ? std::string(to_string(row.how)) : ""});
  }
  std::string text = rows.str() + '\n';
  for (const unused_tensor& one : done.report.unused) {
    text += fmt::format("unused: {} of {}\n", printable(one.tensor),
                        printable(spelled(done, one.checkpoint)));
  }
  for (const kept_variable& one : done.report.kept) {
    text += one.reason.empty()
                ? fmt::format("kept: {}, whose tensor is not in {}\n", printable(one.variable),
                              printable(spelled(done, one.checkpoint)))
                : fmt::format("kept: {}: {}\n", printable(one.variable), printable(one.reason));
  }
  text +=
      fmt::format("{}; needed {}, {} of them not checked, read {} in {:.4f} s",
                  counted(done.resident.rows.size(), "row"), human_bytes(done.report.bytes_needed),
                  human_bytes(done.report.bytes_unchecked), human_bytes(done.report.bytes_read),
                  done.report.seconds);
  if (verify) {
    text += done.resident.complete() ? "; every byte in memory verified"
                                     : "; not every row could be verified";
  }
  return text + '\n';
}

}  // namespace

int run_command(const std::string& job_path, const job_options& options, bool json,
                std::FILE* out) {
  finished_job done{
      .job = resolve_job(read_job(job_path), options.where), .report = {}, .resident = {}};
  if (!json) {
    for (const resolved_assignments& call : done.job.calls) {
      write(out, "from " + printable(call.checkpoint) + "\n" + to_string(call) + '\n');
    }
  }
  std::vector<dumped_row> dumped;
  if (!options.dump_directory.empty()) dumped = plan_dump(done.job.store);
  load_options load = options.load;
  load_trace trace;
  std::optional<atomic_file> trace_file;
  if (!options.trace_path.empty()) {
    trace_file.emplace(options.trace_path);  // before anything is loaded
    load.trace = &trace;
  }
  {
    progress_bar bar(stderr, options.progress);
    if (bar.shown()) load.progress = [&](const load_progress& now) { bar.show(now); };
    done.report = run_initializers(done.job.store, load);
  }
  if (trace_file) {
    trace_file->write(std::as_bytes(std::span<const char>(to_chrome_json(trace))));
    trace_file->commit();
  }
  done.resident = verify(done.job.store);
  if (!done.resident.damage.empty()) throw error(done.resident.damage);
  if (!dumped.empty()) write_dump(dumped, options.dump_directory);
  if (json) {
    write_json(out, job_json(done, options.verify));
  } else {
    write(out, job_text(done, options.verify));
  }
  return EXIT_DONE;
}

}  // namespace warmstart::cli
