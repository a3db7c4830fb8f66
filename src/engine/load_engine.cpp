#include "engine/load_engine.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "engine/fill_queue.hpp"
#include "io/processors.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

/// Keeps the first exception of several threads.
class first_failure {
 public:
  template <class Work>
  void guard(Work work) noexcept {
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failed_.exchange(true)) what_ = std::current_exception();
    }
  }
  explicit operator bool() const noexcept { return failed_; }
  void rethrow() const {
    if (what_) std::rethrow_exception(what_);
  }

 private:
  std::mutex mutex_;
  std::atomic<bool> failed_ = false;
  std::exception_ptr what_;
};

void refuse_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested()) throw error(error_code::cancelled, "the load was cancelled");
}

}  // namespace

std::size_t reader_thread_count(std::size_t wanted, read_mode mode) {
  constexpr std::size_t MAX_THREADS = 16;
  if (wanted != 0) return wanted;
  if (mode == read_mode::direct) return MAX_THREADS;
  return std::min(usable_processors(), MAX_THREADS);
}

load_engine::turn::turn(load_engine& of) : of_(of) {
  if (of.loading_) {
    throw error(error_code::invalid_argument,
                "a load cannot be started on an engine from the progress callback of a load that "
                "runs on it; start it after that load, or on another engine");
  }
  of.loading_ = true;
}

// Backends are created and destroyed on the driver thread, because they change its current device.
load_engine::~load_engine() {
  driver_.run([this] {
    drain();
    lease_.reset();
    staging_ = {};
    backends_.clear();
  });
}

void load_engine::drain() noexcept {
  for (const auto& [where, known] : backends_) known->drain();
}

void load_engine::begin_after(std::span<const caller_stream> streams) {
  for (const caller_stream& one : streams) one.backend->begin_after(one.stream);
}

backend& load_engine::backend_of(const device& device) {
  if (const auto known = backends_.find(device); known != backends_.end()) return *known->second;
  return *backends_.emplace(device, make_backend(device)).first->second;
}

void load_engine::use(std::unique_ptr<backend> made) {
  const device where = made->device();
  backends_[where] = std::move(made);
}

// The backend that allocates the slots: an asynchronous device needs pinned memory.
backend& load_engine::staging_source(const transfer_plan& plan,
                                     std::span<backend* const> backends) {
  for (const demand& one : plan.demands) {
    if (!backends[one.row]->synchronous()) return *backends[one.row];
  }
  return backend_of(device::host());
}

void load_engine::prepare(const transfer_plan& plan, std::span<backend* const> backends,
                          bool may_free) {
  lease_.reset();  // so that the pool can lend its memory again
  lease_ = plan.chunks_with_slots() > 0
               ? staging_.lend(
                     plan, staging_source(plan, backends),
                     [this](const device& on) -> backend& { return backend_of(on); }, may_free)
               : std::make_shared<staging_lease>();
}

void load_engine::begin_trace(bool wanted) {
  trace_ = wanted ? std::make_unique<trace_recorder>() : nullptr;
  for (const auto& [where, known] : backends_) known->time_commands(wanted);
}

load_trace load_engine::end_trace(const transfer_plan& plan) {
  for (const auto& [where, known] : backends_) {
    trace_->add_device(where, known->timed_commands());
    known->time_commands(false);
  }
  return std::exchange(trace_, nullptr)->take(plan);
}

load_result load_engine::load(const load_request& request) {
  try {
    refuse_if_stopped(request.stop);
    prepare(*request.plan, request.backends, request.streams.empty());
    pipeline one(request, *lease_, trace_.get());
    readers_.start(std::min(reader_threads(request.mode), request.plan->chunks.size()),
                   [&one] { one.read(); });
    one.drive();
    readers_.wait();
    load_result made = one.result();
    for (const caller_stream& ordered : request.streams)
      ordered.backend->end_before(ordered.stream);
    leave_to_streams(request.streams, made);
    return made;
  } catch (...) {
    drain();  // earlier fills included
    lease_.reset();
    throw;
  }
}

// Keeps the staging memory lent until the devices have read it.
void load_engine::leave_to_streams(std::span<const caller_stream> streams, load_result& made) {
  std::vector<std::shared_ptr<const completion>> readers;
  for (const caller_stream& one : streams) {
    made.pending.push_back({.target = one.backend, .done = one.backend->mark()});
    if (made.pending.back().done) readers.push_back(made.pending.back().done);
  }
  lease_->keep_until(std::move(readers));
  lease_.reset();
}

void load_engine::fill(std::span<const fill_command> commands, std::span<backend* const> backends,
                       std::span<const caller_stream> streams, const std::stop_token& stop) {
  first_failure failure;
  fill_queue on_host(commands, backends);
  const auto pieces = static_cast<std::size_t>(on_host.piece_count());
  readers_.start(std::min(reader_threads(read_mode::buffered), pieces), [&] {
    failure.guard([&] {
      while (const auto piece = failure ? std::nullopt : on_host.take()) {
        refuse_if_stopped(stop);
        on_host.fill(*piece);
      }
    });
  });
  std::set<backend*> devices;
  failure.guard([&] {
    for (std::size_t i = 0; i < commands.size() && !failure; ++i) {
      if (backends[i]->synchronous()) continue;
      refuse_if_stopped(stop);
      devices.insert(backends[i]);
      backends[i]->fill(commands[i]);
    }
    for (backend* target : devices) {
      if (!has_stream(streams, target)) target->finish();
    }
  });
  readers_.wait();
  if (failure) {
    for (backend* target : devices) target->drain();
  }
  failure.rethrow();
}

void load_engine::remainders(std::span<const remainder_request> wanted) {
  first_failure failure;
  remainder_queue on_host(wanted);
  const auto sum_up_pieces = [&] {
    failure.guard([&] {
      while (const auto piece = failure ? std::nullopt : on_host.take()) on_host.sum_up(*piece);
    });
  };
  const auto pieces = static_cast<std::size_t>(on_host.piece_count());
  if (!loading_) {
    readers_.start(std::min(reader_threads(read_mode::buffered), pieces), sum_up_pieces);
  }
  failure.guard([&] {
    for (const remainder_request& one : wanted) {
      if (!one.backend->synchronous()) one.backend->remainders(one.commands, one.answers);
    }
  });
  if (loading_) {
    sum_up_pieces();
  } else {
    readers_.wait();
  }
  failure.rethrow();
  on_host.answer();
}

}  // namespace warmstart::detail
