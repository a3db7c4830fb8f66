#include "linked_load.hpp"

#include "engine/load_engine.hpp"
#include "load/load_job.hpp"
#include "paced_files.hpp"
#include "stopwatch.hpp"
#include "variables/variable_state.hpp"

namespace warmstart::detail {

std::vector<device> first_gpus(int count) {
  std::vector<device> gpus;
  for (int i = 0; i < count; ++i) gpus.emplace_back(device_kind::cuda, i);
  return gpus;
}

variable_store make_store(const std::string& prefix, const stored_model& model,
                          const std::vector<device>& gpus, model_layout how) {
  variable_store vars(gpus.front());
  variable_options options;
  if (how == model_layout::sharded) {
    options.partitioner = fixed_size_partitioner(static_cast<std::int64_t>(gpus.size()));
    options.placement = round_robin(gpus);
  } else {
    options.placement = replicated(gpus);
  }
  for (const stored_tensor& one : model) {
    options.type = one.type;
    vars.get_variable(one.name, one.shape, options);
  }
  init_from_checkpoint(vars, prefix, {{"/", "/"}});
  return vars;
}

link_speeds even_links(int gpus, double host_gbps, double peer_gbps) {
  link_speeds links{.host_gbps = host_gbps, .device_gbps = {}, .peer_gbps = {}};
  if (peer_gbps <= 0) return links;
  for (const device& from : first_gpus(gpus)) {
    for (const device& to : first_gpus(gpus)) {
      if (from != to) links.peer_gbps[{from, to}] = peer_gbps;
    }
  }
  return links;
}

double run_paced(const variable_store& vars, const load_options& options,
                 const machine_speeds& speeds, load_trace* trace) {
  const paced_files files(speeds.storage_gbps);
  load_engine engine(options.reader_threads);
  double seconds = 0;
  engine.on_driver([&] {
    const load_job job = make_load_job(variable_access::state(vars), options, read_mode::buffered,
                                       engine.reader_threads(read_mode::buffered));
    std::vector<std::byte*> addresses;
    std::vector<backend*> backends;
    std::vector<std::int64_t> row_bytes;
    for (std::size_t i = 0; i < job.loads.rows.size(); ++i) {
      const row_ref& row = job.loads.rows[i];
      if (row.replica->data == nullptr) allocate_row(row);
      addresses.push_back(row.replica->data);
      backends.push_back(&engine.backend_of(row.replica->device));
      row_bytes.push_back(job.loads.infos[i].size_bytes());
    }
    engine.prepare(job.plan, backends);
    engine.begin_trace(trace != nullptr);
    seconds = seconds_of([&] {
      (void)engine.load({.plan = &job.plan,
                         .files = &files,
                         .mode = read_mode::buffered,
                         .addresses = addresses,
                         .backends = backends,
                         .row_bytes = row_bytes,
                         .streams = {},
                         .stop = {},
                         .progress = {}});
    });
    if (trace != nullptr) *trace = engine.end_trace(job.plan);
  });
  return seconds;
}

}  // namespace warmstart::detail
