#include <chrono>
#include <set>

#include "io/file.hpp"
#include "load/engine_access.hpp"
#include "load/initializer_run.hpp"
#include "load/read_mode.hpp"
#include "warmstart/run.hpp"

namespace warmstart {

using namespace detail;

namespace {

void check_streams(const load_options& options) {
  if (options.streams.empty()) return;
  if (options.engine == nullptr) {
    throw error(
        error_code::invalid_argument,
        "a stream-ordered load needs an engine that outlives it (`engine`): its staging memory is "
        "in use until the streams have executed it");
  }
  std::set<device> known;
  for (const stream_ref& one : options.streams) {
    if (known.insert(one.device()).second) continue;
    throw error(
        error_code::invalid_argument,
        "expected at most one stream for each device, found two for " + to_string(one.device()));
  }
}

}  // namespace

load_report run_initializers(variable_store& store, const load_options& options) {
  check_streams(options);
  const auto start = std::chrono::steady_clock::now();
  load_report report;
  store_state& pending = variable_access::state(store);
  const read_mode mode = choose_read_mode(pending, options, *system_files());
  with_engine(options.engine, options.reader_threads, [&](load_engine& engine) {
    const load_engine::turn only_load(engine);
    report = run_pending(pending, options, mode, engine);
  });
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace warmstart
