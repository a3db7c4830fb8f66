#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stop_token>

#include "engine/backend.hpp"
#include "engine/driver_thread.hpp"
#include "engine/load_request.hpp"
#include "engine/pipeline.hpp"
#include "engine/reader_pool.hpp"
#include "engine/remainder_queue.hpp"
#include "engine/staging_pool.hpp"
#include "engine/trace_recorder.hpp"

namespace warmstart::detail {

/// How many reader threads are used where that many are asked for: 0 means one per processor, at
/// most 16, and 16 for direct reads, of which each has one on its way to the disk.
[[nodiscard]] std::size_t reader_thread_count(std::size_t wanted, read_mode mode);

/// Threads, ring and backends, kept over loads; what `warmstart::engine` owns.
///
///     caller ──run──► driver thread ── pipeline ── reader threads
class load_engine {
 public:
  /// As many reader threads as `reader_thread_count` says for each load.
  explicit load_engine(std::size_t reader_threads) : reader_threads_(reader_threads) {}
  load_engine(const load_engine&) = delete;
  load_engine& operator=(const load_engine&) = delete;
  /// Waits for what devices have to do, callers' streams or not.
  ~load_engine();

  [[nodiscard]] std::size_t reader_threads(read_mode mode) const {
    return reader_thread_count(reader_threads_, mode);
  }

  /// Runs `work` on the driver thread, where backends may be used; one caller at a time.
  void on_driver(const std::function<void()>& work) { driver_.run(work); }
  /// The backend of a device, made on first use. On the driver thread. Throws `device`.
  [[nodiscard]] backend& backend_of(const device& where);
  /// What is given to devices from here on begins after what is queued in these streams; `load`
  /// orders its end before what is queued there later. On the driver thread.
  void begin_after(std::span<const caller_stream> streams);
  /// Takes the memory for a plan's slots and mirrors, which `load` otherwise takes itself. On the
  /// driver thread. Throws `out_of_memory`; another plan may then be tried.
  /// Unless `may_free`, no memory is freed, which may wait for callers' streams.
  void prepare(const transfer_plan& plan, std::span<backend* const> backends, bool may_free = true);
  /// Whether what follows is traced; until the next call. Before `begin_after`.
  void begin_trace(bool wanted);
  /// What was traced of a plan that has been carried out. Waits for the devices.
  [[nodiscard]] load_trace end_trace(const transfer_plan& plan);
  /// Carries out a plan. On the driver thread. Throws what went wrong first; the rows' memory is
  /// then undefined, and nothing uses it any more.
  [[nodiscard]] load_result load(const load_request& request);
  /// Runs initializers, each on its backend, and waits for them but on devices with a caller's
  /// stream; on the host with all threads. On the driver thread. Throws what went wrong first, or
  /// `cancelled`.
  void fill(std::span<const fill_command> commands, std::span<backend* const> backends,
            std::span<const caller_stream> streams, const std::stop_token& stop);

  /// Answers all requests: the host's with all threads, while devices compute theirs. On the driver
  /// thread. While a load runs (in its progress callback), the readers are busy, and the driver
  /// thread answers alone.
  void remainders(std::span<const remainder_request> wanted);

  /// While it lives, the engine runs a load. Made on the driver thread; throws `invalid_argument`
  /// within another one, as from a progress callback.
  class turn {
   public:
    explicit turn(load_engine& of);
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    ~turn() { of_.loading_ = false; }

   private:
    load_engine& of_;
  };

  /// For tests: uses `made` for its device.
  void use(std::unique_ptr<backend> made);

 private:
  [[nodiscard]] backend& staging_source(const transfer_plan& plan,
                                        std::span<backend* const> backends);
  void leave_to_streams(std::span<const caller_stream> streams, load_result& made);
  void drain() noexcept;

  std::size_t reader_threads_;
  // Destroyed last to first: threads end before what they use.
  staging_pool staging_;
  std::shared_ptr<staging_lease> lease_;  ///< of the load that runs
  std::map<device, std::unique_ptr<backend>> backends_;
  std::unique_ptr<trace_recorder> trace_;  ///< null: nothing is traced
  bool loading_ = false;                   ///< a `turn` lives
  reader_pool readers_;
  driver_thread driver_;
};

}  // namespace warmstart::detail
