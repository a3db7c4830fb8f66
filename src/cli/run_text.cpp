#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/human_bytes.hpp"
#include "base/text_table.hpp"
#include "cli/output.hpp"
#include "cli/run_report.hpp"

namespace warmstart::detail::cli {
namespace {

/// A row for the tables: its load and its verification.
struct told_row {
  const verified_row* resident = nullptr;
  const loaded_row* loaded = nullptr;
  std::int64_t bytes = 0;
};

std::vector<told_row> rows_of(const finished_job& done) {
  std::map<std::pair<std::string, device>, const loaded_row*> loaded;
  for (const loaded_row& row : done.report.rows) loaded[{row.variable, row.device}] = &row;
  std::vector<told_row> rows;
  for (const verified_row& row : done.resident.rows) {
    rows.push_back({.resident = &row,
                    .loaded = loaded.at({row.variable, row.device}),
                    .bytes = done.job.store.find(row.variable)->size_bytes()});
  }
  return rows;
}

std::string tensor_of(const told_row& row) {
  const std::string& initializer = row.loaded->initializer;
  const std::string made = initializer.empty() ? "" : "(" + initializer + ")";
  if (!row.resident->from_checkpoint) return made;
  return printable(row.loaded->tensor) + (made.empty() ? "" : ", " + made);
}

std::string checkpoint_of(const finished_job& done, const told_row& row) {
  if (!row.resident->from_checkpoint) return "(initializers)";
  return printable(done.job.spelled.at(row.loaded->checkpoint));
}

std::string row_table(const finished_job& done, const std::vector<told_row>& rows, bool verify) {
  const bool several = done.job.spelled.size() > 1;
  const bool transforms = std::any_of(
      rows.begin(), rows.end(), [](const told_row& row) { return !row.loaded->transform.empty(); });
  std::vector<std::string> header = {"variable", "device", "from", "slice", "bytes", "crc32c"};
  if (several) header.emplace_back("checkpoint");
  if (transforms) header.emplace_back("transform");
  if (verify) header.emplace_back("verified");
  text_table table(std::move(header), {4});
  for (const told_row& row : rows) {
    const bool loaded = row.resident->from_checkpoint;
    std::vector<std::string> cells = {printable(row.resident->variable),
                                      to_string(row.resident->device),
                                      tensor_of(row),
                                      loaded ? to_string(row.loaded->slice) : "",
                                      human_bytes(row.bytes),
                                      hex(row.resident->crc32c)};
    if (several) cells.push_back(loaded ? checkpoint_of(done, row) : "");
    if (transforms) cells.push_back(printable(row.loaded->transform));
    if (verify) cells.emplace_back(loaded ? to_string(row.resident->verified) : "");
    table.add(std::move(cells));
  }
  return table.str();
}

/// Sums over the rows on one device from one checkpoint.
struct row_sums {
  std::size_t rows = 0;
  std::size_t checked = 0;
  std::size_t verified = 0;
  std::int64_t bytes = 0;
};

std::string summary_table(const finished_job& done, const std::vector<told_row>& rows,
                          bool verify) {
  std::map<std::pair<device, std::string>, row_sums> sums;
  for (const told_row& row : rows) {
    row_sums& to = sums[{row.resident->device, checkpoint_of(done, row)}];
    ++to.rows;
    to.bytes += row.bytes;
    to.checked += row.loaded->checked ? 1 : 0;
    to.verified += row.resident->verified == verified_by::no ? 0 : 1;
  }
  std::vector<std::string> header = {"device", "checkpoint", "rows", "bytes", "checked"};
  if (verify) header.emplace_back("verified");
  text_table table(std::move(header), {2, 3, 4, 5});
  for (const auto& [key, sum] : sums) {
    const bool loaded = key.second != "(initializers)";
    std::vector<std::string> cells = {to_string(key.first), key.second, fmt::to_string(sum.rows),
                                      human_bytes(sum.bytes),
                                      loaded ? fmt::to_string(sum.checked) : ""};
    if (verify) cells.push_back(loaded ? fmt::to_string(sum.verified) : "");
    table.add(std::move(cells));
  }
  return table.str();
}

std::string unused_text(const finished_job& done, bool all_rows) {
  const auto& unused = done.report.unused;
  if (is_long(unused.size(), all_rows)) {
    return fmt::format("unused: {} tensors (--rows lists them)\n", unused.size());
  }
  std::string text;
  for (unused_tensor one : unused) {
    one.checkpoint = done.job.spelled.at(one.checkpoint);
    text += to_string(one) + '\n';
  }
  return text;
}

std::string kept_text(const finished_job& done, bool all_rows) {
  const auto& kept = done.report.kept;
  if (is_long(kept.size(), all_rows)) {
    return fmt::format("kept: {} variables as they were (--rows lists them)\n", kept.size());
  }
  std::string text;
  for (kept_variable one : kept) {
    one.checkpoint = done.job.spelled.at(one.checkpoint);
    text += to_string(one) + '\n';
  }
  return text;
}

// Checkpoints without checksums, so that nothing was checked; paths as written in the job.
std::set<std::string> without_checksums(const finished_job& done) {
  std::map<std::string, bool> checked;
  for (const loaded_row& row : done.report.rows) {
    if (!row.checkpoint.empty()) checked[row.checkpoint] |= row.checked;
  }
  std::set<std::string> found;
  for (const auto& [path, any] : checked) {
    try {
      if (!any && !checkpoint::open(path).has_checksums()) {
        found.insert(done.job.spelled.at(path));
      }
    } catch (const error&) {
      continue;  // removed since the load, which has succeeded
    }
  }
  return found;
}

std::string why_unchecked(const finished_job& done, const load_options& load) {
  if (!load.checksums) return " (--checksums off)";
  std::string text;
  for (const std::string& path : without_checksums(done)) {
    text += fmt::format("\n  {} has no checksums: `warmstart checksum` writes some beside it",
                        printable(path));
  }
  return text.empty() ? "; --partial-checksums always also checks the rest" : text;
}

std::string checked_text(const finished_job& done, const load_options& load) {
  const load_report& report = done.report;
  if (report.bytes_needed == 0) return {};
  if (report.bytes_unchecked == 0) {
    return fmt::format("checked while reading: all {}\n", human_bytes(report.bytes_needed));
  }
  return fmt::format("checked while reading: {} of {}{}\n",
                     human_bytes(report.bytes_needed - report.bytes_unchecked),
                     human_bytes(report.bytes_needed), why_unchecked(done, load));
}

std::string verified_text(const verification_report& resident) {
  std::size_t rows = 0;
  std::size_t stored = 0;
  std::size_t loaded = 0;
  for (const verified_row& row : resident.rows) {
    if (!row.from_checkpoint) continue;
    ++rows;
    stored += row.verified == verified_by::stored ? 1 : 0;
    loaded += row.verified == verified_by::loaded ? 1 : 0;
  }
  if (rows == 0) return "verified in memory: no row is from a checkpoint\n";
  const std::string all = stored + loaded == rows ? "all " : fmt::format("{} of ", stored + loaded);
  std::string text =
      fmt::format("verified in memory: {}{} from checkpoints", all, counted(rows, "row"));
  if (stored != 0 && loaded != 0) {
    return text + fmt::format(", {} with stored checksums and {} with checksums of what was read\n",
                              stored, loaded);
  }
  if (stored != 0) text += ", with stored checksums";
  if (loaded != 0) text += ", with checksums of what was read";
  return text + '\n';
}

}  // namespace

std::string run_text(const finished_job& done, const job_options& options) {
  const std::vector<told_row> rows = rows_of(done);
  std::string text = is_long(rows.size(), options.all_rows)
                         ? summary_table(done, rows, options.verify)
                         : row_table(done, rows, options.verify);
  text += '\n' + unused_text(done, options.all_rows) + kept_text(done, options.all_rows);
  for (const resolved_assignments& call : done.job.calls) text += ambiguity_text(call);
  text += fmt::format("{}; needed {}, read {} in {:.4f} s\n", counted(rows.size(), "row"),
                      human_bytes(done.report.bytes_needed), human_bytes(done.report.bytes_read),
                      done.report.seconds);
  text += checked_text(done, options.load);
  if (options.verify) text += verified_text(done.resident);
  return text;
}

}  // namespace warmstart::detail::cli
