#include "load/load_job.hpp"

#include <algorithm>
#include <utility>

#include "engine/file_table.hpp"
#include "model/open_file.hpp"

namespace warmstart::detail {
namespace {

plan_options to_plan_options(const load_options& options, read_mode mode,
                             std::size_t reader_threads) {
  plan_options made;
  made.chunk_bytes = options.chunk_bytes;
  made.budget_bytes = options.budget_bytes;
  made.readers = static_cast<std::int64_t>(reader_threads);
  made.checksums = options.checksums;
  made.partial_checksums = options.partial_checksums;
  made.expectations = options.verifiable;
  made.direct_reads = mode == read_mode::direct;
  made.mirrors = options.scatter == load_options::scatter_source::mirrored;
  made.min_run_bytes = options.min_run_bytes;
  return made;
}

void add_row(store_rows& to, const store_state& from, std::size_t index) {
  to.infos.push_back(from.index.rows()[index]);
  to.rows.push_back(from.rows[index]);
}

bool has_replicas(const store_rows& rows) {
  return std::any_of(rows.infos.begin(), rows.infos.end(),
                     [](const variable_info& row) { return row.replica > 0; });
}

// The load waits for devices without a caller's stream; they must not depend on one with a stream.
void leave_out_mixed_links(link_speeds& links, std::span<const stream_ref> streams) {
  const auto has_stream_of = [&](const device& device) {
    return std::any_of(streams.begin(), streams.end(),
                       [&](const stream_ref& one) { return one.device() == device; });
  };
  std::erase_if(links.peer_gbps, [&](const auto& link) {
    return has_stream_of(link.first.first) != has_stream_of(link.first.second);
  });
}

transfer_plan plan_of(const load_job& job, const plan_options& how) {
  std::vector<const catalog*> views;
  for (const auto& source : job.catalogs) views.push_back(source.get());
  return make_transfer_plan(job.loads.infos, job.assignments, views, how);
}

std::uint32_t catalog_number(load_job& job, const std::shared_ptr<const catalog>& source) {
  const auto known = std::find(job.catalogs.begin(), job.catalogs.end(), source);
  const auto number = static_cast<std::uint32_t>(known - job.catalogs.begin());
  if (known == job.catalogs.end()) job.catalogs.push_back(source);
  return number;
}

}  // namespace

load_job make_load_job(const store_state& store, const load_options& options, read_mode mode,
                       std::size_t reader_threads) {
  load_job job;
  job.mode = mode;
  job.kept_alive.assign(store.variables.begin(), store.variables.end());
  for (std::size_t i = 0; i < store.rows.size(); ++i) {
    const row_ref& row = store.rows[i];
    if (!row.part->pending) continue;
    if (!row.part->load) {
      // Memory that the caller owns has no initializer.
      if (row.variable->memory) add_row(job.fills, store, i);
      continue;
    }
    const pending_load& load = *row.part->load;
    job.assignments.push_back({.row = static_cast<std::uint32_t>(job.loads.rows.size()),
                               .checkpoint = catalog_number(job, load.source),
                               .tensor = load.tensor,
                               .wanted = load.wanted,
                               .view = load.view});
    add_row(job.loads, store, i);
  }
  job.options = to_plan_options(options, mode, reader_threads);
  if (has_replicas(job.loads)) job.options.links = options.links ? *options.links : default_links();
  leave_out_mixed_links(job.options.links, options.streams);
  job.plan = plan_of(job, job.options);
  return job;
}

void plan_again(load_job& job, std::int64_t budget_bytes) {
  job.options.budget_bytes = budget_bytes;
  job.plan = plan_of(job, job.options);
}

std::int64_t least_staging_bytes(const load_job& job) {
  plan_options how = job.options;
  how.chunk_bytes = min_chunk_bytes;
  return plan_of(job, how).bytes_per_slot();
}

void check_files(const load_job& job) {
  const auto system = system_files();
  const auto check = [&](const catalog_file& one) {
    const file_system& files = files_of(one, *system);
    check_identity(files, one, files.identify(one.path));
  };
  for (const auto& source : job.catalogs) {
    for (const catalog_file& one : source->metadata) {
      check(one);
    }
  }
  for (const catalog_file& one : job.plan.files) {
    check(one);
  }
}

}  // namespace warmstart::detail
