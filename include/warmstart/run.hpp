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
  /// How files are read.
  enum class io_mode {
    /// `direct` if at least 64 MiB are needed, most of them are not in the page cache, and every
    /// file supports direct reads; else `buffered`. Processes that load the same files at the same
    /// time should use `buffered`: the page cache then serves all but the first.
    automatic,
    direct,    ///< bypasses the page cache (O_DIRECT); throws `unsupported` if a file system cannot
    buffered,  ///< read(2) through the page cache
    /// Copies out of a memory mapping; falls back to `buffered` if a file cannot be mapped. Never
    /// chosen by `automatic`, because it installs a SIGBUS handler while files are mapped: if a
    /// file is truncated during the load, the load throws `corrupt`. Other faults are forwarded to
    /// the previously installed handler.
    mapped,
  };

  /// Upper limit of staging memory in bytes, on the host and all devices together. If the machine
  /// has less, pinned memory in particular, the load uses less.
  std::int64_t budget_bytes = 256LL << 20;
  /// Largest read, in bytes. 0 means 4 MiB for loads to GPUs and for direct reads, else 1 MiB.
  std::int64_t chunk_bytes = 0;
  /// Reader threads of the temporary engine; ignored if `engine` is set. 0 means as many as for
  /// `engine_options`.
  std::size_t reader_threads = 0;
  bool checksums = true;  ///< compare data with stored checksums
  warmstart::partial_checksums partial_checksums = warmstart::partial_checksums::when_half;
  bool verifiable = true;  ///< compute checksums for `verify` where stored ones cannot be composed
  io_mode io = io_mode::automatic;
  /// Where the scatter kernel of a GPU reads its source bytes.
  enum class scatter_source {
    mirrored,  ///< in the GPU's copy of the staging buffer, which counts in the budget
    mapped,    ///< in the staging buffer itself, across the host link
  };
  scatter_source scatter = scatter_source::mirrored;
  /// Contiguous runs of at least this many bytes are copied to a GPU one by one. Shorter runs are
  /// copied together with their neighbours, and a kernel scatters them. 0 means 1 MiB, or half of a
  /// chunk if that is less.
  std::int64_t min_run_bytes = 0;
  /// Links over which replicas on several GPUs copy bytes from each other. If absent,
  /// `default_links`.
  std::optional<link_speeds> links = {};
  /// Streams of the caller, at most one per device, which make the load stream-ordered: it writes
  /// to a device after the work that is queued in the device's stream at the time of the call, and
  /// work that is queued there after the call sees the loaded values. Streams of devices that the
  /// load does not use are ignored.
  ///
  /// A stream-ordered load requires an engine that outlives it (`engine`). The call returns when
  /// all bytes have been read and all commands are queued; `variable::wait` waits for the values.
  /// Later failures on the device are errors of the stream. The call does not wait for the streams.
  /// While a stream is busy, all bytes for devices must therefore fit in the staging buffers at
  /// once: otherwise the call throws `out_of_memory`, and if the load is traced,
  /// `invalid_argument`, before anything is queued. There are no peer copies between a device with
  /// a stream and one without. Peer copies between two devices with streams make their streams wait
  /// for each other.
  std::vector<stream_ref> streams = {};
  /// If the bytes do not fit in the staging buffers at once, block until the work queued in the
  /// streams is complete, instead of throwing. Deadlocks if that work waits for something that this
  /// thread does after the call.
  bool wait_for_streams = false;
  /// Called a few times per second on a thread of the engine, never concurrently. An exception that
  /// it throws fails the load. It may use the engine for `verify` and `read_back`, but not for a
  /// load.
  std::function<void(const load_progress&)> progress = {};
  std::stop_token stop = {};  ///< when requested, the load fails with `cancelled`
  /// Receives a trace when the load has succeeded. A traced load waits for its devices, even if it
  /// is stream-ordered.
  load_trace* trace = nullptr;
  warmstart::engine* engine = nullptr;  ///< null: a temporary engine
};

/// How a run initialized one row: a replica of a part or of an unpartitioned variable.
struct loaded_row {
  std::string variable = {};
  warmstart::device device = {};
  std::string checkpoint = {};  ///< path as the caller spelled it; empty: its own initializer ran
  std::string tensor = {};
  warmstart::slice slice = {};  ///< explicit; refers to the transformed tensor
  std::string transform = {};   ///< description of the transform; empty if none
  /// The initializer that filled the row, or the elements that a remap does not map; empty if none.
  std::string initializer = {};
  bool checked = false;  ///< a checksum that was compared covers every byte
};

struct unused_tensor {
  std::string checkpoint = {};
  std::string tensor = {};
};
/// As in `unused: head/w of model.ckpt`. Escapes control characters.
[[nodiscard]] WARMSTART_EXPORT std::string to_string(const unused_tensor& unused);

struct load_report {
  std::vector<loaded_row> rows = {};  ///< the rows that this run initialized
  /// Tensors of the checkpoints it read that no variable uses.
  std::vector<unused_tensor> unused = {};
  /// Kept since the last run, and not assigned by a later call.
  std::vector<kept_variable> kept = {};
  std::int64_t bytes_needed = 0;     ///< stored bytes that variables need, each counted once
  std::int64_t bytes_unchecked = 0;  ///< part of `bytes_needed` not compared with a stored checksum
  std::int64_t bytes_read = 0;       ///< all data read, including gaps and the rest of pieces
  /// Slots and mirrors. Less than in the plan if the machine had less memory.
  std::int64_t staging_bytes = 0;
  double seconds = 0;
};

[[nodiscard]] WARMSTART_EXPORT std::string to_string(const load_report& report);

/// Runs every pending initializer of the store. Reads the files of all checkpoints in one pass.
/// Blocks until all values are in memory, unless `options.streams` makes the load stream-ordered.
///
/// Before it changes a variable, the call checks that files have not changed since they were
/// resolved (throws `io` or `not_found`), that the plan fits the budget, and that all memory can be
/// allocated (throws `out_of_memory` and names the staging memory that would suffice). If anything
/// fails later, no variable of this run counts as initialized; all stay pending, and the call may
/// be repeated.
WARMSTART_EXPORT load_report run_initializers(variable_store& store,
                                              const load_options& options = {});

/// A load that runs in the background. Its destructor cancels the load.
class WARMSTART_EXPORT load_handle {
 public:
  load_handle(load_handle&&) noexcept;
  load_handle& operator=(load_handle&&) noexcept;
  ~load_handle();  ///< cancels the load and waits for it, unless `wait` was called

  /// Blocks until the load ends, and rethrows its error. May be called once.
  load_report wait();
  [[nodiscard]] bool done() const noexcept;
  [[nodiscard]] load_progress progress() const noexcept;
  void cancel() noexcept;

 private:
  friend load_handle run_initializers_async(variable_store&, load_options);
  struct WARMSTART_NO_EXPORT state;
  explicit load_handle(std::unique_ptr<state> started);
  std::unique_ptr<state> state_;
};

/// Starts `run_initializers` on a new thread. Do not use the variables until `wait` returns. The
/// load keeps a copy of `store`, so the caller may move or destroy its store during the load.
[[nodiscard]] WARMSTART_EXPORT load_handle run_initializers_async(variable_store& store,
                                                                  load_options options = {});

}  // namespace warmstart
