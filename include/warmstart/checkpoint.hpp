#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/dtype.hpp"
#include "warmstart/engine.hpp"
#include "warmstart/error.hpp"
#include "warmstart/export.hpp"
#include "warmstart/file_system.hpp"
#include "warmstart/host_buffer.hpp"
#include "warmstart/partial_checksums.hpp"
#include "warmstart/progress.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart {

namespace detail {
struct catalog;
class checkpoint_access;
class recent_file;
}  // namespace detail

/// An optimizer slot: state that an optimizer keeps for one variable.
struct slot_info {
  std::string name = {};  ///< for example `m` or `momentum`
  /// Full name of the variable that the slot belongs to; the name of its tensor if it has no full
  /// name.
  std::string variable = {};
  std::string optimizer = {};  ///< path of the optimizer's object; empty if unknown
};

/// Metadata of one tensor in a checkpoint.
struct tensor_info {
  std::string name = {};        ///< the key under which the tensor is stored
  dtype type = dtype::invalid;  ///< `invalid` if the file uses an unknown dtype number
  shape full_shape = {};
  std::int64_t size_bytes = 0;  ///< size of the stored data
  /// Stored slices; one full slice if the tensor is not partitioned.
  std::vector<slice> slices = {};
  std::int64_t missing_elements = 0;    ///< elements that no stored slice covers
  std::vector<std::string> files = {};  ///< files that hold its data
  std::string refusal = {};      ///< why the tensor cannot initialize variables; empty if it can
  std::string full_name = {};    ///< of the variable that was saved; empty if unknown
  std::string shadowed_by = {};  ///< the other tensor that `full_name` resolves to, if any
  std::optional<slot_info> slot = {};  ///< set if the tensor is an optimizer slot
};

/// A tensor in host memory: row-major, little endian.
struct host_tensor {
  dtype type = dtype::invalid;
  warmstart::shape shape = {};
  host_buffer bytes = {};
};

/// Options of the calls below, which read with several threads as `run_initializers` does.
struct read_options {
  bool checksums = true;  ///< compare data with stored checksums; `verify` always does
  /// For slices; the checksums of a whole tensor are always compared.
  warmstart::partial_checksums partial_checksums = warmstart::partial_checksums::when_half;
  /// Reader threads of the temporary engine; ignored if `engine` is set. 0 means as many as for
  /// `engine_options`, but fewer for small reads; the calling thread itself reads up to 1 MiB.
  std::size_t reader_threads = 0;
  /// Called a few times per second, on a thread of the engine or on the calling thread. An
  /// exception that it throws fails the call.
  std::function<void(const load_progress&)> progress = {};
  std::stop_token stop = {};            ///< when requested, the call fails with `cancelled`
  warmstart::engine* engine = nullptr;  ///< null: a temporary engine, if threads are needed
};

/// A slice of a tensor and its destination, which must have exactly the slice's size in bytes.
/// Elements are stored row-major and little endian.
struct read_target {
  warmstart::slice slice = {};  ///< full extents are allowed
  std::span<std::byte> destination = {};
};

/// A checkpoint opened for reading on the host, like TensorFlow's CheckpointReader.
///
///     auto reader = checkpoint::open("/data/model.ckpt");
///     for (const tensor_info& tensor : reader.tensors()) ...
///     host_tensor kernel = reader.read("encoder/kernel");
///
/// Opening reads and checks the whole index (for a V1 checkpoint: metadata and keys). The calls
/// below read data and check it against its checksums. Copies share the parsed index, and several
/// threads may use the same checkpoint. The file that a small tensor was read from last stays open,
/// for the next one, as long as a copy exists.
///
/// Tensors of object-based (TF2) checkpoints and SavedModels have several names. Every call and
/// every assignment map accepts all of them. If a name fits several tensors, the first match in
/// this list counts:
///
///     model/encoder/kernel/.ATTRIBUTES/VARIABLE_VALUE    the key
///     dense/kernel              full name: the variable's name. If several variables share it, the
///                               last in the checkpoint's object graph counts, as in TensorFlow
///     model/encoder/kernel      path: the key without its ending
///     encoder/kernel            path within `model`, an argument of `Checkpoint(model=...)`,
///                               unless two arguments contain such a path
///
/// Other formats use the names in their files; a value in nested containers is named by the keys
/// that lead to it, joined by dots. If no tensor has a given name, `.` and `/` are treated as
/// equal, provided that exactly one tensor then matches: scope `model/encoder/` finds
/// `model.encoder.0.w`.
class WARMSTART_EXPORT checkpoint {
 public:
  /// No move operations: a checkpoint is always open.
  checkpoint(const checkpoint&) = default;
  checkpoint& operator=(const checkpoint&) = default;

  /// Opens a checkpoint.
  ///
  ///
  /// `path` is a V2 prefix, its `.index` file or one of its `.data-` files, a V1 file, a
  /// safetensors, NumPy (`.npy`, `.npz`) or torch.save file, the index of a sharded checkpoint
  /// (`*.safetensors.index.json`, `*.bin.index.json`), or a directory with a `checkpoint` state
  /// file, a SavedModel, a distributed PyTorch checkpoint or safetensors files. A path that does
  /// not exist is tried as a glob pattern for the shards of a V1 checkpoint, which must all be
  /// present.
  ///
  ///
  /// `format` is empty, or one of `tensor_bundle` (V2), `tensor_slices` (V1), `safetensors`,
  /// `torch`, `npy`, `npz` and `dcp`. `files` is the file system that contains `path`; null means
  /// the operating system's.
  ///
  ///
  /// Throws `not_found`, `corrupt`, `unsupported` or `io`.
  [[nodiscard]] static checkpoint open(const std::string& path, const std::string& format = "",
                                       std::shared_ptr<const file_system> files = {});

  [[nodiscard]] const std::string& path() const noexcept;    ///< prefix, file, directory or pattern
  [[nodiscard]] const std::string& format() const noexcept;  ///< see `open`
  /// Why full names and optimizer slots are unknown although the checkpoint should have them: its
  /// object graph is damaged, or the file with it is missing. Empty if nothing is wrong.
  [[nodiscard]] const std::string& missing_names_reason() const noexcept;

  /// False if no checksum covers any of the data, so that reads cannot be checked.
  [[nodiscard]] bool has_checksums() const noexcept;

  /// All tensors, sorted by name in unsigned byte order.
  [[nodiscard]] std::vector<tensor_info> tensors() const;
  [[nodiscard]] bool has(std::string_view name) const;  ///< accepts any name of the tensor
  /// This and the calls below throw `not_found` if no tensor has the name.
  [[nodiscard]] tensor_info info(std::string_view name) const;
  /// Reads a whole tensor, assembled from its slices. Blocks. Throws `mismatch` for a string
  /// tensor, `corrupt` if data is damaged, `not_found` or `io` if a file cannot be read, and
  /// `invalid_argument` if it is called from the progress callback of a load on the same engine.
  [[nodiscard]] host_tensor read(std::string_view name, const read_options& options = {}) const;
  /// Reads a slice, which may have full extents. Reads little more than the slice, unless
  /// `read_options::partial` asks for its checksums. Also throws `mismatch` if the slice does not
  /// fit the tensor's shape or if stored slices do not cover it.
  [[nodiscard]] host_tensor read(std::string_view name, const slice& wanted,
                                 const read_options& options = {}) const;
  /// Reads a whole tensor into the caller's memory. Also throws `invalid_argument` if `destination`
  /// does not have the tensor's size. After an error the contents of `destination` are undefined.
  void read_into(std::string_view name, std::span<std::byte> destination,
                 const read_options& options = {}) const;
  /// Reads several slices, which may overlap; every stored byte is read once.
  void read_into(std::string_view name, std::span<const read_target> wanted,
                 const read_options& options = {}) const;
  /// The elements of a string tensor in row-major order. Throws like `read`.
  [[nodiscard]] std::vector<std::string> read_strings(std::string_view name) const;

  /// Result of `verify`.
  struct verification {
    std::int64_t tensors = 0;
    std::int64_t bytes = 0;
    std::int64_t bytes_unchecked = 0;  ///< part of `bytes` that no checksum covers
    std::vector<problem> damage = {};
  };
  /// Reads all data and compares every checksum. Returns damage, one problem per tensor or slice,
  /// and tensors with missing elements, instead of throwing them.
  [[nodiscard]] verification verify(const read_options& options = {}) const;

 private:
  friend class detail::checkpoint_access;
  explicit checkpoint(std::shared_ptr<const detail::catalog> catalog);

  std::shared_ptr<const detail::catalog> catalog_;
  std::shared_ptr<detail::recent_file> recent_;
};

/// Checksums of a checkpoint whose format stores none. Write `text` to the file `path`, which lies
/// beside the checkpoint; `checkpoint::open` finds and uses it there.
struct checkpoint_checksums {
  std::string path = {};
  std::string text = {};
};

/// Reads a whole checkpoint and computes its checksums. Throws like `checkpoint::open` and
/// `checkpoint::read`, and `unsupported` if the format stores checksums.
[[nodiscard]] WARMSTART_EXPORT checkpoint_checksums
compute_checksums(const std::string& path, const std::string& format = "",
                  const read_options& options = {}, std::shared_ptr<const file_system> files = {});

/// The path of the newest checkpoint that the `checkpoint` state file in `directory` names. Returns
/// nothing if the state file or that checkpoint does not exist. Uses the operating system's files.
/// Throws `corrupt` if the state file cannot be parsed.
[[nodiscard]] WARMSTART_EXPORT std::optional<std::string> latest_checkpoint(
    const std::string& directory);

}  // namespace warmstart
