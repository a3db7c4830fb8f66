#pragma once

#include <sys/types.h>
#include <unistd.h>

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

/// Number of reader threads for a requested number. 0 means one per usable processor, at most 16;
/// for direct reads it means 16, because each thread has only one request at the disk.
[[nodiscard]] std::size_t reader_thread_count(std::size_t wanted, read_mode mode);

/// Implementation of `warmstart::engine`: threads, staging memory and backends, kept between loads.
///
///     caller ──run──► driver thread ── pipeline ── reader threads
class load_engine {
 public:
  /// Each load uses `reader_thread_count(reader_threads, mode)` reader threads.
  explicit load_engine(std::size_t reader_threads) : reader_threads_(reader_threads) {}
  load_engine(const load_engine&) = delete;
  load_engine& operator=(const load_engine&) = delete;
  /// Waits for all work on devices, including stream-ordered work.
  ~load_engine();

  /// False in a forked child: the threads do not exist there.
  [[nodiscard]] bool is_of_this_process() const noexcept { return process_ == ::getpid(); }
  [[nodiscard]] std::size_t reader_threads(read_mode mode) const {
    return reader_thread_count(reader_threads_, mode);
  }

  /// Runs `work` on the driver thread, which is the only one that may use backends. Callers take
  /// turns.
  void on_driver(const std::function<void()>& work) { driver_.run(work); }
  /// The backend of a device, created on first use. Call on the driver thread. Throws `device`.
  [[nodiscard]] backend& backend_of(const device& device);
  /// Orders later commands after the work now queued in `streams`. `load` then orders work that is
  /// queued there later after its own. Call on the driver thread.
  void begin_after(std::span<const caller_stream> streams);
  /// Allocates the memory for a plan's slots and mirrors; otherwise `load` does. Frees no memory
  /// unless `may_free` is set, because freeing may wait for callers' streams. Call on the driver
  /// thread. Throws `out_of_memory`; another plan may then be tried.
  void prepare(const transfer_plan& plan, std::span<backend* const> backends, bool may_free = true);
  /// Starts or stops tracing. Call before `begin_after`.
  void begin_trace(bool wanted);
  /// Ends tracing and returns the trace of an executed plan. Waits for the devices.
  [[nodiscard]] load_trace end_trace(const transfer_plan& plan);
  /// Executes a plan. Call on the driver thread. Throws the first error; the contents of the rows
  /// are then undefined, and no device uses their memory any more.
  [[nodiscard]] load_result load(const load_request& request);
  /// Runs initializers on their backends, on the host with all reader threads. Waits for them,
  /// except on devices with a caller's stream. Call on the driver thread. Throws the first error,
  /// or `cancelled`.
  void fill(std::span<const fill_command> commands, std::span<backend* const> backends,
            std::span<const caller_stream> streams, const std::stop_token& stop);

  /// Computes all requested partial CRCs, those of host rows with all reader threads while devices
  /// compute theirs. Call on the driver thread. If a load is running (in its progress callback),
  /// the readers are busy, and the driver thread computes alone.
  void remainders(std::span<const remainder_request> wanted);

  /// Marks the engine as loading during its lifetime. Create it on the driver thread. Throws
  /// `invalid_argument` if a load is running already, as in a progress callback.
  class turn {
   public:
    explicit turn(load_engine& of);
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    ~turn() { of_.loading_ = false; }

   private:
    load_engine& of_;
  };

  /// For tests: uses `made` as the backend of its device.
  void use(std::unique_ptr<backend> made);

 private:
  [[nodiscard]] backend& staging_source(const transfer_plan& plan,
                                        std::span<backend* const> backends);
  void leave_to_streams(std::span<const caller_stream> streams, load_result& made);
  void drain() noexcept;

  std::size_t reader_threads_;
  pid_t process_ = ::getpid();
  // Members are destroyed in reverse order: threads end before the objects that they use.
  staging_pool staging_;
  std::shared_ptr<staging_lease> lease_;  ///< of the running load
  std::map<device, std::unique_ptr<backend>> backends_;
  std::unique_ptr<trace_recorder> trace_;  ///< null unless the load is traced
  bool loading_ = false;                   ///< a `turn` exists
  reader_pool readers_;
  driver_thread driver_;
};

}  // namespace warmstart::detail
