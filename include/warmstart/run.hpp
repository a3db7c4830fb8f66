#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/engine.hpp"
#include "warmstart/export.hpp"
#include "warmstart/init_from_checkpoint.hpp"
#include "warmstart/links.hpp"
#include "warmstart/partial_checksums.hpp"
#include "warmstart/progress.hpp"
#include "warmstart/slice.hpp"
#include "warmstart/stream_ref.hpp"
#include "warmstart/trace.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart {

struct load_options {
  enum class io_mode {
    /// `direct` if at least 64 MiB are wanted, most of them are not in the page cache, and every
    /// file can be read so; else `buffered`. Processes that load the same files at the same time
    /// want `buffered`: the cache then serves all but the first.
    automatic,
    direct,    ///< past the page cache (O_DIRECT); `unsupported` where the file system has none
    buffered,  ///< by read(2), through the page cache
    /// Copies out of a memory mapping; `buffered` where a file cannot be mapped. Only on request,
    /// because it needs a SIGBUS handler while files are mapped: a file that is truncated during
    /// the
    /// load is then reported as `corrupt`. Other faults are forwarded to the handler that was
    /// there.
    mapped,
  };

  /// Staging memory, on host and devices together, at most. Where the machine has less (pinned
  /// memory above all), the load makes do with less.
  std::int64_t budget_bytes = 256LL << 20;
  /// Largest read. 0: 1 MiB for the host (4 MiB if direct), 4 MiB for GPUs.
  std::int64_t chunk_bytes = 0;
  /// Of an engine made for this load. 0: as for `engine_options`.
  std::size_t reader_threads = 0;
  bool checksums = true;  ///< compare what is read with stored checksums
  partial_checksums partial = partial_checksums::when_half;
  bool verifiable = true;  ///< keep what `verify` needs where stored checksums do not compose
  io_mode io = io_mode::automatic;
  /// Where a GPU's kernel finds what it scatters.
  enum class scatter_source {
    mirrored,  ///< in the GPU's copy of the staging slot: counts in the budget
    mapped,    ///< in the slot itself, across the host link
  };
  scatter_source scatter = scatter_source::mirrored;
  /// Contiguous bytes that a GPU gets by a copy of their own, at least. What is shorter arrives
  /// together with its neighbours and is scattered by a kernel. 0: 1 MiB, or half of a chunk where
  /// that is less.
  std::int64_t min_run_bytes = 0;
  /// Whether replicas on several GPUs get their bytes from one another. Absent: `default_links`.
  std::optional<link_speeds> links = {};
  /// Streams of the caller's, at most one for each device. The load begins to write to that device
  /// when what is queued in the stream at the call is done, and what is queued there after the call
  /// finds the values. Streams of devices that the load does not use are ignored.
  ///
  /// Such a load needs an engine that is kept (`on`), and returns when all bytes have been read and
  /// all commands are queued; `variable::wait` waits for the values. What fails on the device later
  /// is an error of the stream. The call does not wait for the streams: while one of them is busy,
  /// all bytes for devices are staged at once, and where `budget_bytes` does not allow that, or
  /// the load is traced, it throws `out_of_memory` or `invalid_argument` before anything is queued.
  /// Devices with a stream and devices without one do not pass bytes to each other; those with
  /// streams do, so that their streams then wait for each other.
  std::vector<stream_ref> streams = {};
  /// Instead of refusing a load that cannot be staged at once, block until what is queued in the
  /// streams is done. Deadlocks if that waits for something that this thread does after the call.
  bool wait_for_streams = false;
  /// A few times a second, from a thread of the engine, never two at once. What it throws fails the
  /// load. It may use the engine to verify and read back, not to load.
  std::function<void(const load_progress&)> progress = {};
  std::stop_token stop = {};  ///< when requested, the load fails with `cancelled`
  /// Filled when the load has succeeded. A load that is traced waits for its devices, callers'
  /// streams or not.
  load_trace* trace = nullptr;
  engine* on = nullptr;  ///< default: one made for this load
};

/// What a run did with one part (or replica).
struct loaded_row {
  std::string variable = {};
  device where = {};
  std::string checkpoint = {};  ///< as spelled; empty: its own initializer ran
  std::string tensor = {};
  slice of_tensor = {};  ///< explicit; where the tensor is transformed, within what comes of it
  std::string transform = {};  ///< what was done with the tensor, in words; empty: nothing
  /// That ran, if no checkpoint, or for elements that a remap leaves out.
  std::string initializer = {};
  bool checked = false;  ///< every byte was covered by a checksum that was compared
};

struct unused_tensor {
  std::string checkpoint = {};
  std::string tensor = {};
};

struct load_report {
  std::vector<loaded_row> rows = {};       ///< what this run initialized
  std::vector<unused_tensor> unused = {};  ///< of the checkpoints it read, wanted by no variable
  std::vector<kept_variable> kept = {};    ///< since the last run, and assigned by no later call
  std::int64_t bytes_needed = 0;           ///< union of the stored bytes that variables want
  std::int64_t bytes_unchecked = 0;        ///< of them, not compared with a stored checksum
  std::int64_t bytes_read = 0;  ///< all data read, over-read and the rest of pieces included
  /// Slots and mirrors. Less than the plan's where the machine did not have that much.
  std::int64_t staging_bytes = 0;
  double seconds = 0;
};

[[nodiscard]] WARMSTART_EXPORT std::string to_string(const load_report& report);

/// Runs every pending initializer of the store: those from checkpoints as one pass over the files,
/// the others as fills. Blocks until all memory holds its values.
///
/// First everything that can fail without touching a variable: the files still are those that were
/// resolved (`io`, `not_found`), the plan fits the budget and all memory is allocated
/// (`out_of_memory`, saying how much staging memory would do). If anything fails later, none of the
/// variables of this run is initialized; they stay pending, and the call may be repeated.
WARMSTART_EXPORT load_report run_initializers(variable_store& store,
                                              const load_options& options = {});

/// The same, beside the caller.
class WARMSTART_EXPORT load_handle {
 public:
  load_handle(load_handle&&) noexcept;
  load_handle& operator=(load_handle&&) noexcept;
  ~load_handle();  ///< cancels and waits, unless `wait` was called

  /// Blocks; throws what the load threw. Once.
  load_report wait();
  [[nodiscard]] bool done() const noexcept;
  [[nodiscard]] load_progress progress() const noexcept;
  void cancel() noexcept;

 private:
  friend load_handle run_initializers_async(variable_store&, load_options);
  struct WARMSTART_NO_EXPORT state;
  explicit load_handle(std::unique_ptr<state> made);
  std::unique_ptr<state> state_;
};

/// Starts `run_initializers` on a new thread. Do not use the variables until `wait` returns. The
/// load keeps a copy of `store`, so the caller may move or destroy its own during the load.
[[nodiscard]] WARMSTART_EXPORT load_handle run_initializers_async(variable_store& store,
                                                                  load_options options = {});

}  // namespace warmstart
