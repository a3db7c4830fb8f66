#include "load/initializer_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/zeroed_memory.hpp"
#include "io/file.hpp"
#include "load/gap_fills.hpp"
#include "load/load_job.hpp"
#include "load/load_record.hpp"
#include "load/make_report.hpp"

namespace warmstart::detail {
namespace {

/// The steps of one run. They run on the driver thread.
class initializer_run {
 public:
  initializer_run(store_state& store, const load_options& options, read_mode mode,
                  load_engine& engine)
      : store_(store),
        options_(options),
        engine_(engine),
        job_(make_load_job(store, options, mode, engine.reader_threads(mode))) {}

  load_report operator()() {
    check_files(job_);
    bind_backends();
    look_at_callers_memory();
    look_at_streams();
    allocate();
    prepare_staging();
    engine_.begin_trace(options_.trace != nullptr);
    begin_after_earlier_loads();
    engine_.begin_after(streams_);
    // From here on variables change.
    for_all_rows([](const row_ref& row) {
      row.replica->initialized = false;
      row.replica->record.reset();
    });
    fill();
    load_result loaded = load();
    mark_rows(loaded);
    if (options_.trace != nullptr) *options_.trace = engine_.end_trace(job_.plan);
    load_report report = make_report(store_, job_, loaded, options_.checksums);
    keep_record(std::move(loaded));
    finish();
    return report;
  }

 private:
  template <class Visit>
  void for_all_rows(Visit visit) const {
    for (const row_ref& row : job_.loads.rows) visit(row);
    for (const row_ref& row : job_.fills.rows) visit(row);
  }

  void bind_backends() {
    for (const row_ref& row : job_.loads.rows) {
      backends_.push_back(&engine_.backend_of(row.replica->device));
    }
    for (const row_ref& row : job_.fills.rows) {
      fill_backends_.push_back(&engine_.backend_of(row.replica->device));
    }
    for (const stream_ref& one : options_.streams) {
      backend* const target = backend_in_use(one.device());
      if (target != nullptr) streams_.push_back({.backend = target, .stream = one.get()});
    }
  }

  // Find wrong pointers now: a write to one would end the process or break the device.
  void look_at_callers_memory() const {
    std::vector<problem> problems;
    for (std::size_t i = 0; i < job_.loads.rows.size(); ++i) {
      const row_ref& row = job_.loads.rows[i];
      const variable_info& info = job_.loads.infos[i];
      if (row.variable->memory || info.size_bytes() == 0) continue;
      const std::string why = backends_[i]->misplacement_of(
          {row.replica->data, static_cast<std::size_t>(info.size_bytes())});
      if (why.empty()) continue;
      problems.push_back({.code = error_code::invalid_argument,
                          .message = "variable " + info.name + " is declared to be on " +
                                     to_string(info.placed_on) + ", but " + why,
                          .variable = info.name,
                          .tensor = {}});
    }
    if (!problems.empty()) throw error(std::move(problems));
  }

  /// Null for a device without rows in this run.
  [[nodiscard]] backend* backend_in_use(const device& device) {
    const auto is_there = [&](const backend* one) { return one->device() == device; };
    for (const auto* list : {&backends_, &fill_backends_}) {
      const auto found = std::find_if(list->begin(), list->end(), is_there);
      if (found != list->end()) return *found;
    }
    return nullptr;
  }

  // Slots are reused only after the work that is queued in the caller's stream. Unless there is a
  // slot for each chunk, the load would have to wait for that work.
  void look_at_streams() {
    for (const caller_stream& one : streams_) {
      if (options_.wait_for_streams) one.backend->wait_for_stream(one.stream);
      if (!one.backend->is_idle(one.stream)) busy_.push_back(one.backend->device());
    }
    if (busy_.empty()) return;
    if (options_.trace != nullptr) {
      throw error(error_code::invalid_argument,
                  "a traced load waits for its devices, and " + name_busy_streams() +
                      "; wait for the stream first, or set wait_for_streams");
    }
    refuse_too_few_slots();
  }

  [[nodiscard]] std::string name_busy_streams() const {
    return "the caller's stream of " + to_string(busy_.front()) + " has work that is not done";
  }

  void refuse_too_few_slots() const {
    const std::int64_t wanted = job_.plan.chunks_with_slots();
    if (job_.plan.slot_count >= wanted) return;
    throw error(error_code::out_of_memory,
                fmt::format("{}, so all bytes of the load have to be staged at once: that takes "
                            "{} bytes of staging memory, and there are {}; raise budget_bytes, "
                            "wait for the stream first, or set wait_for_streams",
                            name_busy_streams(), job_.plan.bytes_per_slot() * wanted,
                            job_.plan.staging_bytes()));
  }

  // Earlier loads may belong to other engines, and may be ordered by other streams.
  void begin_after_earlier_loads() {
    std::set<const completion*> known;
    const auto wait = [&](const row_ref& row, backend& target) {
      const auto& earlier = row.replica->ready;
      if (earlier && known.insert(earlier.get()).second) target.wait_for(*earlier);
    };
    for (std::size_t i = 0; i < backends_.size(); ++i) wait(job_.loads.rows[i], *backends_[i]);
    for (std::size_t i = 0; i < job_.fills.rows.size(); ++i) {
      wait(job_.fills.rows[i], *fill_backends_[i]);
    }
  }

  /// Gives each row the completion after which it has its values.
  void mark_rows(const load_result& loaded) {
    for_all_rows([&](const row_ref& row) {
      row.replica->ready.reset();
      for (const pending_device& one : loaded.pending) {
        if (one.target->device() == row.replica->device) row.replica->ready = one.done;
      }
    });
  }

  /// Allocates memory for all rows. If an allocation fails, frees those made here.
  void allocate() {
    std::vector<row_ref> fresh;
    try {
      for_all_rows([&](const row_ref& row) {
        if (row.replica->data != nullptr) return;
        allocate_row(row);
        fresh.push_back(row);
        const auto bytes =
            static_cast<std::size_t>(row.part->shape.element_count()) * size_of(row.variable->type);
        const auto& owner = row.replica->owner;
        if (owner && allocates_zeros(*owner, bytes, row.replica->device)) {
          zeroed_.insert(row.replica);
        }
      });
    } catch (...) {
      for (const row_ref& row : fresh) release_row(row);
      throw;
    }
  }

  // Halves the budget until the staging memory can be allocated: the budget may allow more pinned
  // memory than the machine has.
  void prepare_staging() {
    while (true) {
      try {
        engine_.prepare(job_.plan, backends_, busy_.empty());
        return;
      } catch (const error& refused) {
        if (refused.code() != error_code::out_of_memory) throw;
        if (!busy_.empty()) throw;
        const std::int64_t least = least_staging_bytes(job_);
        const std::int64_t tried = job_.plan.staging_bytes();
        if (tried <= least) {
          throw error(error_code::out_of_memory,
                      fmt::format("{}; at least {} bytes of staging memory are needed",
                                  refused.what(), least));
        }
        plan_again(job_, std::max(tried / 2, least));
      }
    }
  }

  void fill() {
    std::vector<fill_command> commands;
    std::vector<backend*> targets;
    for (std::size_t i = 0; i < job_.fills.rows.size(); ++i) {
      const variable_info& info = job_.fills.infos[i];
      const row_ref& row = job_.fills.rows[i];
      if (row.variable->is_left_alone()) continue;
      const fill_spec spec =
          resolve_initializer(row.variable->init, info.full_name, info.full_shape);
      if (zeroed_.contains(row.replica) && makes_zeros(spec, info.type)) continue;
      targets.push_back(fill_backends_[i]);
      commands.push_back({.spec = spec,
                          .type = info.type,
                          .full_shape = &info.full_shape,
                          .slice = &info.slice,
                          .destination = row.replica->data});
    }
    const gap_fills gaps(job_, backends_);
    commands.insert(commands.end(), gaps.commands().begin(), gaps.commands().end());
    targets.insert(targets.end(), gaps.targets().begin(), gaps.targets().end());
    engine_.fill(commands, targets, streams_, options_.stop);
  }

  load_result load() {
    std::vector<std::byte*> addresses;
    for (std::size_t i = 0; i < job_.loads.rows.size(); ++i) {
      addresses.push_back(job_.loads.rows[i].replica->data);
      row_bytes_.push_back(job_.loads.infos[i].size_bytes());
    }
    const auto files = system_files();
    load_request request{.plan = &job_.plan,
                         .files = files.get(),
                         .mode = job_.mode,
                         .addresses = addresses,
                         .backends = backends_,
                         .row_bytes = row_bytes_,
                         .streams = streams_,
                         .stop = options_.stop,
                         .progress = {}};
    if (options_.progress) {
      request.progress = [this](std::int64_t done, std::int64_t total) {
        options_.progress({.bytes_done = done, .bytes_total = total});
      };
    }
    return engine_.load(request);
  }

  void finish() {
    for_all_rows([](const row_ref& row) {
      row.replica->initialized = true;
      row.part->pending = false;
      row.part->load.reset();  // the checkpoint's catalog may be large
    });
    for (const auto& variable : store_.variables) {
      for (part_state& part : variable->parts) part.kept_from.clear();
    }
    store_.opened.clear();
  }

  void keep_record(load_result loaded) {
    load_record kept = make_load_record(job_.plan, std::move(loaded.expected));
    if (!kept.expected.empty()) kept.gaps = record_gaps(job_);
    const auto record = std::make_shared<const load_record>(std::move(kept));
    for (std::size_t i = 0; i < job_.loads.rows.size(); ++i) {
      replica_state& replica = *job_.loads.rows[i].replica;
      replica.record = record;
      replica.record_row = static_cast<std::uint32_t>(i);
    }
  }

  store_state& store_;
  const load_options& options_;
  load_engine& engine_;
  load_job job_;
  std::vector<backend*> backends_;
  std::vector<backend*> fill_backends_;
  /// Replicas whose memory this run allocated as zeros. Nothing writes to it before `fill`.
  std::set<const replica_state*> zeroed_;
  std::vector<caller_stream> streams_;
  std::vector<device> busy_;  ///< devices whose caller's stream has unfinished work
  std::vector<std::int64_t> row_bytes_;
};

}  // namespace

load_report run_pending(store_state& store, const load_options& options, read_mode mode,
                        load_engine& engine) {
  return initializer_run(store, options, mode, engine)();
}

}  // namespace warmstart::detail
