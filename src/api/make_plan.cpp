#include <algorithm>
#include <map>

#include "base/boundary.hpp"
#include "engine/load_engine.hpp"
#include "load/engine_access.hpp"
#include "load/load_job.hpp"
#include "load/read_mode.hpp"
#include "plan/sectors.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/plan.hpp"

namespace warmstart {

using namespace detail;

namespace {

void count_memory(const store_rows& rows, std::map<device, load_plan::device_totals>& devices) {
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    load_plan::device_totals& at = devices[rows.infos[i].placed_on];
    ++at.variables;
    if (rows.rows[i].replica->data == nullptr) at.memory_bytes += rows.infos[i].size_bytes();
  }
}

void count_routes(const load_job& job, std::map<device, load_plan::device_totals>& devices) {
  for (const chunk_copy& copy : job.plan.copies) {
    if (copy.route == copy_route::relayed) continue;
    const demand& wanted = job.plan.demands[copy.demand];
    load_plan::device_totals& at = devices[job.loads.infos[wanted.row].placed_on];
    std::int64_t bytes = copy.run * static_cast<std::int64_t>(size_of(wanted.conversion.from));
    for (const box_dimension& d : transfer_plan::part(job.plan.dimensions, copy.dimensions)) {
      bytes *= d.count;
    }
    if (copy.route == copy_route::landed) {
      at.landed_bytes += bytes;
    } else if (copy.route == copy_route::run) {
      at.copied_bytes += bytes;
    } else if (!wanted.conversion.plain()) {
      at.converted_bytes += bytes;
    } else {
      at.scattered_bytes += bytes;
    }
  }
}

// Counts the bytes that kernels read from mapped slots.
void count_mapped_reads(const load_job& job, std::map<device, load_plan::device_totals>& devices) {
  for (const chunk& one : job.plan.chunks) {
    // Slots are aligned; a direct read begins at a page of the file, before the chunk.
    const std::int64_t chunk_begin =
        job.mode == read_mode::direct ? one.offset_bytes % sector_bytes : 0;
    for (const chunk_copy& copy : transfer_plan::part(job.plan.copies, one.copies)) {
      if (copy.route != copy_route::scattered) continue;
      const demand& wanted = job.plan.demands[copy.demand];
      const device& where = job.loads.infos[wanted.row].placed_on;
      if (where.kind() == device_kind::cpu) continue;
      devices[where].link_bytes +=
          sector_bytes *
          sectors_read(chunk_begin + copy.source_bytes,
                       copy.run * static_cast<std::int64_t>(size_of(wanted.conversion.from)),
                       transfer_plan::part(job.plan.dimensions, copy.dimensions));
    }
  }
}

// Counts copied runs, the ranges of chunks that mirrors receive, and the lists for the kernels.
void count_uploads(const transfer_plan& plan, std::map<device, load_plan::device_totals>& devices) {
  for (auto& [where, at] : devices) {
    if (where.kind() != device_kind::cpu) at.link_bytes += at.copied_bytes;
  }
  for (const upload& one : plan.uploads) {
    std::int64_t& bytes = devices[one.device].link_bytes;
    bytes += one.list_bytes;
    for (const span_range& range : transfer_plan::part(plan.staged, one.ranges)) {
      bytes += range.end - range.begin;
    }
  }
}

// Counts the bytes of peer copies between replicas.
std::vector<load_plan::link> count_relays(const load_job& job,
                                          std::map<device, load_plan::device_totals>& devices) {
  std::map<std::pair<device, device>, std::int64_t> links;
  for (const relay& one : job.plan.relays) {
    const device& from = job.loads.infos[one.from].placed_on;
    const device& to = job.loads.infos[one.to].placed_on;
    const std::int64_t bytes = one.bytes.end - one.bytes.begin;
    devices[to].relayed_bytes += bytes;
    links[{from, to}] += bytes;
  }
  std::vector<load_plan::link> made;
  made.reserve(links.size());
  for (const auto& [ends, bytes] : links) {
    made.push_back({.source = ends.first, .destination = ends.second, .bytes = bytes});
  }
  return made;
}

}  // namespace

load_plan make_plan(const variable_store& store, const load_options& options) {
  return at_boundary([&] {
    const store_state& pending = variable_access::state(store);
    const read_mode mode = choose_read_mode(pending, options, *system_files());
    const std::size_t readers = options.engine != nullptr
                                    ? engine_access::of(*options.engine).reader_threads(mode)
                                    : reader_thread_count(options.reader_threads, mode);
    const load_job job = make_load_job(pending, options, mode, readers);
    check_files(job);
    load_plan made;
    for (const catalog_file& one : job.plan.files) made.files.push_back({.path = one.path});
    for (const chunk& one : job.plan.chunks) {
      ++made.files[one.file].reads;
      made.files[one.file].bytes += one.read_bytes;
    }
    std::map<device, load_plan::device_totals> devices;
    count_memory(job.loads, devices);
    count_memory(job.fills, devices);
    count_routes(job, devices);
    count_uploads(job.plan, devices);
    if (options.scatter == load_options::scatter_source::mapped) {
      count_mapped_reads(job, devices);
    }
    made.links = count_relays(job, devices);
    for (std::size_t i = 0; i < job.fills.rows.size(); ++i) {
      if (job.fills.rows[i].variable->is_left_alone()) continue;
      const variable_info& info = job.fills.infos[i];
      devices[info.placed_on].filled_bytes += info.size_bytes();
    }
    for (const gap& one : job.plan.gaps) {
      if (job.loads.rows[one.row].variable->is_left_alone()) continue;
      const variable_info& info = job.loads.infos[one.row];
      devices[info.placed_on].filled_bytes +=
          one.slice.lengths().element_count() * static_cast<std::int64_t>(size_of(info.type));
    }
    for (auto& [where, counted] : devices) {
      counted.device = where;
      made.devices.push_back(counted);
    }
    made.direct_reads = mode == read_mode::direct;
    made.bytes_needed = job.plan.bytes_needed;
    made.bytes_read = job.plan.bytes_read;
    made.bytes_unchecked = job.plan.bytes_unchecked;
    made.slot_bytes = job.plan.slot_bytes;
    made.slot_count = job.plan.slot_count;
    made.staging_bytes = job.plan.staging_bytes();
    return made;
  });
}

}  // namespace warmstart
