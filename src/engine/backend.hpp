#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/completion.hpp"
#include "tensor/box.hpp"
#include "tensor/conversion.hpp"
#include "tensor/fill.hpp"
#include "warmstart/device.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/memory.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"
#include "warmstart/trace.hpp"

namespace warmstart::detail {

/// Runs of elements that leave a staging slot for a row. Strides are in bytes; neither side is
/// aligned to anything.
struct copy_command {
  const std::byte* source = nullptr;
  std::byte* destination = nullptr;
  conversion how;
  std::int64_t run = 0;  ///< elements
  std::span<const box_dimension> dimensions;
};

/// All that a device takes from one slot.
struct slot_commands {
  std::span<const copy_command> runs;       ///< contiguous and unchanged
  std::span<const copy_command> scattered;  ///< the others
  // Where the device scatters:
  std::span<std::byte> slot;
  std::byte* mirror = nullptr;         ///< memory of the slot's size on the device; null: it
                                       ///< scatters out of the slot itself
  std::span<const span_range> staged;  ///< what it mirrors first, of the slot's bytes
  std::span<std::byte> list;           ///< room in the slot for `scatter_list.hpp`
  std::byte* list_copy = nullptr;      ///< as much memory on the device, where kernels read it
  std::int64_t chunk = -1;             ///< whose bytes these are, for the trace
};

/// Bytes that one device has and another is to have, too.
struct peer_copy {
  const std::byte* source = nullptr;
  std::byte* destination = nullptr;
  std::size_t size_bytes = 0;
  std::int64_t chunk = -1;  ///< the last that brought some of them, for the trace
};

/// What a device did when, by its own measure.
struct timed_command {
  traced_work what = traced_work::upload;
  std::string stream;
  std::chrono::steady_clock::time_point begin;
  std::chrono::steady_clock::time_point end;
  std::int64_t chunk = -1;
  std::size_t size_bytes = 0;
};

/// Runs of resident bytes at their positions in a message, for its checksum. `dimensions`: source
/// strides within the message, destination strides within the row, in bytes.
struct remainder_command {
  const std::byte* data = nullptr;  ///< the first run
  std::int64_t run_bytes = 0;
  std::span<const box_dimension> dimensions;
  std::int64_t following_bytes = 0;  ///< of the message after the first run
};

/// Elements that an initializer makes: `where` of a variable of shape `full_shape`, in memory that
/// holds `row` of it (null: just them).
struct fill_command {
  fill_spec spec;
  dtype type = dtype::invalid;
  const shape* full_shape = nullptr;
  const slice* where = nullptr;
  const slice* row = nullptr;
  std::byte* destination = nullptr;

  [[nodiscard]] const slice& held() const noexcept { return row != nullptr ? *row : *where; }
};

/// Memory that is given back when this goes.
class staging_memory {
 public:
  staging_memory() = default;
  staging_memory(const staging_memory&) = delete;
  staging_memory& operator=(const staging_memory&) = delete;
  virtual ~staging_memory() = default;
  [[nodiscard]] virtual std::span<std::byte> bytes() const noexcept = 0;
};

/// The engine's only view of a device.
///
/// A *synchronous* backend (the host) has done a command when the call returns, and takes `copy`,
/// `fill` and `remainders` from any thread. Any other takes all calls from the engine's driver
/// thread. What its commands read on the host must stay untouched until a `ticket` recorded after
/// them is done; the commands themselves are done when `finish` has returned, or in the order of a
/// caller's stream.
///
/// Functions throw `device` or `out_of_memory`. After an error only `drain` may be called; but what
/// could not be allocated may be asked for in a smaller size.
class backend {
 public:
  using ticket = std::uint64_t;

  backend() = default;
  backend(const backend&) = delete;
  backend& operator=(const backend&) = delete;
  virtual ~backend() = default;  ///< drains

  [[nodiscard]] virtual device which() const noexcept = 0;
  [[nodiscard]] virtual bool synchronous() const noexcept = 0;

  /// Why the caller's memory, of at least one byte, cannot be a variable's on this device; empty:
  /// nothing is known to be wrong.
  [[nodiscard]] virtual std::string misplacement_of(std::span<const std::byte> /*memory*/) {
    return {};
  }

  /// Host memory that file reads fill and the device copies from, aligned to 4096 bytes; pinned, if
  /// that means anything. Throws `out_of_memory`.
  [[nodiscard]] virtual std::unique_ptr<staging_memory> allocate_staging(
      std::size_t size_bytes) = 0;
  /// Device memory for mirrors of slots, aligned to 256 bytes. Throws `out_of_memory`.
  [[nodiscard]] virtual std::unique_ptr<staging_memory> allocate_mirrors(
      std::size_t size_bytes) = 0;

  /// The command lists need not outlive the call.
  virtual void copy(const slot_commands& commands) = 0;
  virtual void fill(const fill_command& command) = 0;
  /// Copies what `from`, another device, has once commands given to it so far are done: those that
  /// bring bytes from the host, or if `by` is not null, those that took them from that device.
  virtual void take(backend& from, const backend* by, const peer_copy& bytes) = 0;

  /// Marks all commands given so far.
  [[nodiscard]] virtual ticket record() = 0;
  /// Whether all that the marked commands read on the host has been read; does not wait.
  [[nodiscard]] virtual bool done(ticket mark) = 0;
  /// All commands given so far, those of peers that read this device's memory among them, as a
  /// point to wait for. Null if there is nothing to wait for.
  [[nodiscard]] virtual std::shared_ptr<const completion> mark() { return nullptr; }
  /// Commands from here on begin when `earlier` is done, which any engine may have marked.
  virtual void wait_for(const completion& earlier) { earlier.wait(); }

  /// Whether all that is queued in a caller's stream (a cudaStream_t of this device) is done; does
  /// not wait.
  [[nodiscard]] virtual bool is_idle(void* /*stream*/) { return true; }
  /// Blocks until all that is queued in a caller's stream is done.
  virtual void wait_for_stream(void* /*stream*/) {}
  /// Commands from here on begin when what is queued in a caller's stream is done. Throws
  /// `invalid_argument` for a stream of another device.
  virtual void begin_after(void* stream) = 0;
  /// What is queued in a caller's stream from here on begins when all commands are done.
  virtual void end_before(void* stream) = 0;
  /// Waits for all commands. Throws if one of them failed.
  virtual void finish() = 0;
  /// Waits for all commands, failed or not.
  virtual void drain() noexcept = 0;

  /// For each command the sum of its runs' CRC32C remainders, each advanced over the bytes of the
  /// message that follow it (checksum/crc32c.hpp). Waits for the answers.
  virtual void remainders(std::span<const remainder_command> commands,
                          std::span<std::uint32_t> answers) = 0;
  /// Whether commands are timed from here on; forgets what was timed before.
  virtual void time_commands(bool wanted) { (void)wanted; }
  /// What was timed, by stream in order. Waits for it.
  [[nodiscard]] virtual std::vector<timed_command> timed_commands() { return {}; }

  /// Copies resident bytes to host memory. Waits.
  virtual void read_back(const std::byte* source, std::span<std::byte> destination) = 0;
};

[[nodiscard]] std::unique_ptr<backend> make_host_backend();

/// The backend of a device. Throws `device` if it is not there.
[[nodiscard]] std::unique_ptr<backend> make_backend(const device& where);

// What cuda/ defines, or in a build without CUDA its stand-in.

/// Makes no context on any.
[[nodiscard]] int cuda_device_count() noexcept;
[[nodiscard]] std::vector<device_info> cuda_devices();
/// The devices whose memory this one can access. Makes no context on any.
[[nodiscard]] std::vector<device> cuda_peers_of(int index);
/// Throws `device`.
[[nodiscard]] std::unique_ptr<backend> make_cuda_backend(int index);
/// Memory of CUDA devices only. Throws `device` if there are none.
[[nodiscard]] std::shared_ptr<memory_resource> make_cuda_memory_resource();

}  // namespace warmstart::detail
