#include <map>
#include <utility>

#include "cli/output.hpp"
#include "cli/run_report.hpp"

namespace warmstart::detail::cli {
namespace {

using ordered_json = nlohmann::ordered_json;

ordered_json source_json(const finished_job& done, const loaded_row& loaded, bool is_part) {
  ordered_json source = {{"checkpoint", done.job.spelled.at(loaded.checkpoint)},
                         {"tensor", loaded.tensor}};
  if (is_part) source["slice"] = to_string(loaded.slice);
  const std::string& object = done.job.objects.at({loaded.variable, loaded.device});
  if (!object.empty()) source["entry"] = ordered_json::parse(object);
  return source;
}

ordered_json row_json(const finished_job& done, const verified_row& resident,
                      const loaded_row& loaded, bool verify) {
  const variable v = *done.job.store.find(resident.variable);
  ordered_json row = {{"name", resident.variable},
                      {"device", to_string(resident.device)},
                      {"dtype", name_of(v.type())},
                      {"shape", v.shape().sizes()},
                      {"initialized_from", nullptr}};
  if (resident.from_checkpoint) row["initialized_from"] = source_json(done, loaded, v.is_part());
  // Of the whole row, or of the elements that a remap maps nothing to.
  if (!loaded.initializer.empty()) row["initializer"] = loaded.initializer;
  row["crc32c"] = hex(resident.crc32c);
  if (resident.from_checkpoint) row["checked"] = loaded.checked;
  if (verify) row["verified"] = to_string(resident.verified);
  return row;
}

}  // namespace

ordered_json run_json(const finished_job& done, const job_options& options) {
  ordered_json answer = {{"status", "ok"},
                         {"variables", ordered_json::array()},
                         {"unused_tensors", ordered_json::array()}};
  std::map<std::pair<std::string, device>, const loaded_row*> loaded;
  for (const loaded_row& row : done.report.rows) loaded[{row.variable, row.device}] = &row;
  for (const verified_row& row : done.resident.rows) {
    answer["variables"].push_back(
        row_json(done, row, *loaded.at({row.variable, row.device}), options.verify));
  }
  for (const unused_tensor& one : done.report.unused) {
    answer["unused_tensors"].push_back(
        {{"checkpoint", done.job.spelled.at(one.checkpoint)}, {"tensor", one.tensor}});
  }
  // Present only if variables were kept, which a job has to allow.
  for (const kept_variable& one : done.report.kept) {
    answer["kept"].push_back(
        {{"variable", one.variable}, {"checkpoint", done.job.spelled.at(one.checkpoint)}});
    if (!one.reason.empty()) answer["kept"].back()["reason"] = one.reason;
  }
  answer["bytes_needed"] = done.report.bytes_needed;
  answer["bytes_unchecked"] = done.report.bytes_unchecked;
  answer["bytes_read"] = done.report.bytes_read;
  answer["seconds"] = done.report.seconds;
  if (options.verify) answer["verified"] = done.resident.complete();
  return answer;
}

}  // namespace warmstart::detail::cli
