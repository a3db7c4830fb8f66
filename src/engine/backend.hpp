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

/// A copy of element runs from a staging slot to a row. Strides are in bytes; neither side has any
/// alignment.
struct copy_command {
  const std::byte* source = nullptr;
  std::byte* destination = nullptr;
  detail::conversion conversion;
  std::int64_t run = 0;  ///< elements
  std::span<const box_dimension> dimensions;
};

/// All copies from one slot to one device.
struct slot_commands {
  std::span<const copy_command> runs;       ///< contiguous copies without conversion
  std::span<const copy_command> scattered;  ///< all other copies
  // Only if the device scatters:
  std::span<std::byte> slot;
  /// Device memory of the slot's size; null if kernels read the slot itself.
  std::byte* mirror = nullptr;
  std::span<const span_range> staged;  ///< ranges of the slot to copy to the mirror
  std::span<std::byte> list;           ///< memory in the slot for the list of `scatter_list.hpp`
  /// Device memory of the same size, from which kernels read the list.
  std::byte* list_copy = nullptr;
  std::int64_t chunk = -1;  ///< the chunk in the slot, for traces
};

/// A copy of bytes from one device to another.
struct peer_copy {
  const std::byte* source = nullptr;
  std::byte* destination = nullptr;
  std::size_t size_bytes = 0;
  std::int64_t chunk = -1;  ///< the last chunk that contributes bytes, for traces
};

/// When a device executed a command, by its own clock.
struct timed_command {
  traced_work work = traced_work::upload;
  std::string stream;
  std::chrono::steady_clock::time_point begin;
  std::chrono::steady_clock::time_point end;
  std::int64_t chunk = -1;
  std::size_t size_bytes = 0;
};

/// A partial CRC: runs of bytes in a row, and their positions in the message that the CRC covers.
/// In `dimensions`, source strides refer to the message and destination strides to the row, both in
/// bytes.
struct remainder_command {
  const std::byte* data = nullptr;  ///< the first run
  std::int64_t run_bytes = 0;
  std::span<const box_dimension> dimensions;
  std::int64_t following_bytes = 0;  ///< bytes of the message after the first run
};

/// Elements that an initializer computes: a slice of a variable of shape `full_shape`, written to
/// memory that holds slice `row` of the variable (null: it holds only `slice`).
struct fill_command {
  fill_spec spec;
  dtype type = dtype::invalid;
  const shape* full_shape = nullptr;
  const warmstart::slice* slice = nullptr;
  const warmstart::slice* row = nullptr;
  std::byte* destination = nullptr;

  [[nodiscard]] const warmstart::slice& held() const noexcept {
    return row != nullptr ? *row : *slice;
  }
};

/// Owns memory; the destructor frees it.
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
/// A *synchronous* backend (the host) completes a command before the call returns, and any thread
/// may call its `copy`, `fill` and `remainders`. Other backends are called only on the engine's
/// driver thread. Host memory that their commands read must not change until a `ticket` recorded
/// after them is done. The commands themselves are complete when `finish` has returned, or in the
/// order of a caller's stream.
///
/// Functions throw `device` or `out_of_memory`. After an error only `drain` may be called, except
/// that a failed allocation may be repeated with a smaller size.
class backend {
 public:
  using ticket = std::uint64_t;

  backend() = default;
  backend(const backend&) = delete;
  backend& operator=(const backend&) = delete;
  virtual ~backend() = default;  ///< drains

  [[nodiscard]] virtual warmstart::device device() const noexcept = 0;
  [[nodiscard]] virtual bool synchronous() const noexcept = 0;

  /// Why memory of the caller, of at least one byte, cannot hold a variable on this device; empty
  /// if no reason is known.
  [[nodiscard]] virtual std::string misplacement_of(std::span<const std::byte> /*memory*/) {
    return {};
  }

  /// Allocates host memory for staging buffers, aligned to 4096 bytes and pinned if the device
  /// supports it. Throws `out_of_memory`.
  [[nodiscard]] virtual std::unique_ptr<staging_memory> allocate_staging(
      std::size_t size_bytes) = 0;
  /// Allocates device memory for mirrors of slots, aligned to 256 bytes. Throws `out_of_memory`.
  [[nodiscard]] virtual std::unique_ptr<staging_memory> allocate_mirrors(
      std::size_t size_bytes) = 0;

  /// The command lists need not outlive the call.
  virtual void copy(const slot_commands& commands) = 0;
  virtual void fill(const fill_command& command) = 0;
  /// Peer copy of `bytes` from device `from`, ordered after the work that produces them there: its
  /// uploads from the host or, if `by` is not null, its peer copies from `by`.
  virtual void take(backend& from, const backend* by, const peer_copy& bytes) = 0;

  /// Marks all commands queued so far.
  [[nodiscard]] virtual ticket record() = 0;
  /// Whether the marked commands have read all of their host memory. Does not block.
  [[nodiscard]] virtual bool done(ticket mark) = 0;
  /// A completion of all commands queued so far, including peer copies that read this device's
  /// memory. Null if there is nothing to wait for.
  [[nodiscard]] virtual std::shared_ptr<const completion> mark() { return nullptr; }
  /// Orders later commands after `earlier`, which any engine may have created.
  virtual void wait_for(const completion& earlier) { earlier.wait(); }

  /// Whether all work queued in a caller's stream (a cudaStream_t of this device) is complete. Does
  /// not block.
  [[nodiscard]] virtual bool is_idle(void* /*stream*/) { return true; }
  /// Blocks until all work queued in a caller's stream is complete.
  virtual void wait_for_stream(void* /*stream*/) {}
  /// Orders later commands after the work now queued in a caller's stream. Throws
  /// `invalid_argument` for a stream of another device.
  virtual void begin_after(void* stream) = 0;
  /// Orders work that is queued later in a caller's stream after all commands.
  virtual void end_before(void* stream) = 0;
  /// Waits for all commands. Throws if one of them failed.
  virtual void finish() = 0;
  /// Waits for all commands, failed or not.
  virtual void drain() noexcept = 0;

  /// Computes for each command the sum of the partial CRC32Cs of its runs, each advanced over the
  /// bytes of the message that follow the run (checksum/crc32c.hpp). Blocks until `answers` are
  /// written.
  virtual void remainders(std::span<const remainder_command> commands,
                          std::span<std::uint32_t> answers) = 0;
  /// Starts or stops timing of commands, and discards earlier times.
  virtual void time_commands(bool wanted) { (void)wanted; }
  /// Returns the timed commands, ordered within each stream. Blocks until they are complete.
  [[nodiscard]] virtual std::vector<timed_command> timed_commands() { return {}; }

  /// Copies bytes of a row to host memory. Blocks.
  virtual void read_back(const std::byte* source, std::span<std::byte> destination) = 0;
};

[[nodiscard]] std::unique_ptr<backend> make_host_backend();

/// Creates the backend of a device. Throws `device` if the device does not exist.
[[nodiscard]] std::unique_ptr<backend> make_backend(const device& device);

// Defined in cuda/, or by its stand-in in a build without CUDA.

/// Creates no context.
[[nodiscard]] int cuda_device_count() noexcept;
[[nodiscard]] std::vector<device_info> cuda_devices();
/// The devices whose memory this one can access. Creates no context.
[[nodiscard]] std::vector<device> cuda_peers_of(int index);
/// Throws `device`.
[[nodiscard]] std::unique_ptr<backend> make_cuda_backend(int index);
/// Memory of CUDA devices only. Throws `device` if there are none.
[[nodiscard]] std::shared_ptr<memory_resource> make_cuda_memory_resource();

}  // namespace warmstart::detail
