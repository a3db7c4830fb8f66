#include "load/make_report.hpp"

#include <string>
#include <vector>

#include "load/unused_tensors.hpp"

namespace warmstart::detail {
namespace {

void add_kept(const store_state& store, load_report& report) {
  for (const auto& variable : store.variables) {
    for (const part_state& part : variable->parts) {
      if (part.kept_from.empty()) continue;
      report.kept.push_back(
          {.variable = part.name, .checkpoint = part.kept_from, .reason = part.kept_why});
    }
  }
}

}  // namespace

load_report make_report(const store_state& store, const load_job& job, const load_result& loaded,
                        bool checksums) {
  load_report report;
  report.bytes_needed = job.plan.bytes_needed;
  report.bytes_unchecked = job.plan.bytes_unchecked;
  report.bytes_read = loaded.bytes_read;
  report.staging_bytes = job.plan.staging_bytes();
  std::vector<bool> checked(job.loads.rows.size(), checksums);
  for (const demand& one : job.plan.demands) {
    if (!job.plan.extents[one.extent].compared) checked[one.row] = false;
  }
  for (std::size_t i = 0; i < job.loads.rows.size(); ++i) {
    const pending_load& from = *job.loads.rows[i].part->load;
    report.rows.push_back({.variable = job.loads.infos[i].name,
                           .device = job.loads.infos[i].placed_on,
                           .checkpoint = from.checkpoint,
                           .tensor = from.source->tensors[from.tensor].name,
                           .slice = from.wanted,
                           .transform = from.transform,
                           .initializer = {},
                           .checked = checked[i]});
  }
  for (const gap& one : job.plan.gaps) {
    const variable_state& of = *job.loads.rows[one.row].variable;
    if (!of.is_left_alone()) report.rows[one.row].initializer = name_of(of.init.type);
  }
  for (std::size_t i = 0; i < job.fills.rows.size(); ++i) {
    const variable_info& info = job.fills.infos[i];
    report.rows.push_back(
        {.variable = info.name,
         .device = info.placed_on,
         .checkpoint = {},
         .tensor = {},
         .slice = {},
         .transform = {},
         .initializer = std::string(name_of(job.fills.rows[i].variable->init.type)),
         .checked = false});
  }
  report.unused = find_unused(store, job.loads);
  add_kept(store, report);
  return report;
}

}  // namespace warmstart::detail
