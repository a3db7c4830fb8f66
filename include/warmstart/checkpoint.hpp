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
}  // namespace detail

/// What an optimizer keeps for a variable.
struct slot_info {
  std::string name = {};  ///< `m`, `momentum`
  /// Full name of the variable, or the name of its tensor if it has none.
  std::string variable = {};
  std::string optimizer = {};  ///< path of the optimizer's object; empty: not known
};

/// What a checkpoint says of one of its tensors.
struct tensor_info {
  std::string name = {};        ///< the key under which it is stored
  dtype type = dtype::invalid;  ///< invalid: a dtype number that is not known
  shape full_shape = {};
  std::int64_t size_bytes = 0;        ///< as stored
  std::vector<slice> slices = {};     ///< more than one, or one that is not all: stored partitioned
  std::int64_t missing_elements = 0;  ///< the slices leave so many out: gaps
  std::vector<std::string> files = {};  ///< that hold it
  std::string refusal = {};             ///< why it can not initialize variables; empty: it can
  std::string full_name = {};           ///< of the variable that was stored; empty: not told
  std::string shadowed_by = {};         ///< the tensor that `full_name` means, if it is another one
  std::optional<slot_info> slot = {};   ///< if the tensor is one
};

/// A tensor in host memory: row-major, little endian.
struct host_tensor {
  dtype type = dtype::invalid;
  shape of = {};
  host_buffer bytes = {};
};

/// How the calls below read data: with several threads, as `run_initializers` does.
struct read_options {
  bool checksums = true;  ///< compare what is read with stored checksums; `verify` always does
  /// For slices. A whole tensor is always compared.
  partial_checksums partial = partial_checksums::when_half;
  /// Of an engine made for the call. 0: as for `engine_options`; no more than the bytes are worth,
  /// and none for up to 1 MiB, which the calling thread reads itself.
  std::size_t reader_threads = 0;
  /// A few times a second, from a thread of the engine or the calling thread. What it throws fails
  /// the call.
  std::function<void(const load_progress&)> progress = {};
  std::stop_token stop = {};  ///< when requested, the call fails with `cancelled`
  engine* on = nullptr;       ///< default: one made for the call, where it needs threads
};

/// A slice of a tensor, and the memory that it is read into: row-major, little endian, of exactly
/// its size.
struct read_target {
  slice of_tensor = {};  ///< full extents are allowed
  std::span<std::byte> into = {};
};

/// A checkpoint open for reading on the host: what TensorFlow's CheckpointReader offers.
///
///     auto reader = checkpoint::open("/data/model.ckpt");
///     for (const tensor_info& tensor : reader.tensors()) ...
///     host_tensor kernel = reader.read("encoder/kernel");
///
/// Opening reads and verifies the whole index (of a V1 checkpoint: metadata and keys); data are
/// read, and their checksums verified, by the calls. A value; copies share the parsed index.
/// Several threads may use copies of it.
///
/// Tensors of object-based (TF2) checkpoints, SavedModels too, have several names. All of them are
/// taken wherever a tensor is named, in assignment maps as well; one that could mean several things
/// means the first of these:
///
///     model/encoder/kernel/.ATTRIBUTES/VARIABLE_VALUE    the key
///     dense/kernel              full name: what the variable was called. If several have it, the
///                               last in the checkpoint's graph of objects counts, as in TensorFlow
///     model/encoder/kernel      path: the key without its ending
///     encoder/kernel            path within `model`, of what `Checkpoint(model=...)` was made of,
///                               unless two of those have such a path
///
/// Names in files of other formats than TensorFlow's are taken as they are, of a value in nested
/// containers the keys on the way, joined by dots. Where there is no such name, `.` and `/` are the
/// same letter, if one tensor alone then fits: scope `model/encoder/` finds `model.encoder.0.w`.
class WARMSTART_EXPORT checkpoint {
 public:
  /// Copied, not moved: a checkpoint is always open.
  checkpoint(const checkpoint&) = default;
  checkpoint& operator=(const checkpoint&) = default;

  /// `path`: a prefix, its `.index` or a `.data-` file, a V1 file, a file of safetensors, NumPy
  /// (`.npy`, `.npz`) or torch.save, the index of a set of files (`*.safetensors.index.json`,
  /// `*.bin.index.json`), or a directory with a `checkpoint` state file, a SavedModel, a
  /// distributed checkpoint of PyTorch's, or safetensors files. Tried literally; what is no path of
  /// a file may be a glob pattern for the files of a V1 checkpoint, of whose shards none may be
  /// missing. `format`: empty, or the one that is meant: `tensor_bundle` (V2), `tensor_slices`
  /// (V1), `safetensors`, `torch`, `npy`, `npz`, `dcp`.
  /// Throws `not_found`, `corrupt`, `unsupported`, `io`.
  /// `files`: where `path` is; null: the operating system.
  [[nodiscard]] static checkpoint open(const std::string& path, const std::string& format = "",
                                       std::shared_ptr<const file_system> files = {});

  [[nodiscard]] const std::string& path() const noexcept;    ///< the prefix, file or pattern
  [[nodiscard]] const std::string& format() const noexcept;  ///< as above
  /// Why full names and slots are not known, although there are such: the graph of objects is
  /// damaged, or its file is missing. Empty: nothing is wrong.
  [[nodiscard]] const std::string& names_missing() const noexcept;

  /// False if no checksum covers any of its data: nothing can be checked while it is read.
  [[nodiscard]] bool has_checksums() const noexcept;

  /// By name, in unsigned byte order.
  [[nodiscard]] std::vector<tensor_info> tensors() const;
  [[nodiscard]] bool has(std::string_view name) const;  ///< any of its names
  /// These throw `not_found` for a name that is not there.
  [[nodiscard]] tensor_info info(std::string_view name) const;
  /// All of a tensor; one stored in slices is assembled. Throws `mismatch` for string tensors,
  /// `corrupt` for damage, `not_found` and `io` for its files, `invalid_argument` on an engine
  /// whose load made the call from its progress callback.
  [[nodiscard]] host_tensor read(std::string_view name, const read_options& options = {}) const;
  /// A slice of it; full extents are allowed. Reads little more than the slice, unless its checksum
  /// is wanted (`read_options::partial`). Throws `mismatch` if it does not fit the shape or is not
  /// covered by what is stored.
  [[nodiscard]] host_tensor read(std::string_view name, const slice& wanted,
                                 const read_options& options = {}) const;
  /// All of a tensor, into memory of the caller's. Throws also `invalid_argument` for memory of
  /// another size; the memory's contents are undefined after an error.
  void read_into(std::string_view name, std::span<std::byte> destination,
                 const read_options& options = {}) const;
  /// Several slices, which may overlap; every stored byte is read once.
  void read_into(std::string_view name, std::span<const read_target> wanted,
                 const read_options& options = {}) const;
  /// The elements of a string tensor, row-major. Throws as `read`.
  [[nodiscard]] std::vector<std::string> read_strings(std::string_view name) const;

  /// Reads all data and compares every checksum. Damage is returned, one problem a tensor or slice,
  /// not thrown; so are tensors whose slices leave gaps.
  struct verification {
    std::int64_t tensors = 0;
    std::int64_t bytes = 0;
    std::int64_t bytes_unchecked = 0;  ///< of them: no checksum covers them
    std::vector<problem> damage = {};
  };
  [[nodiscard]] verification verify(const read_options& options = {}) const;

 private:
  explicit checkpoint(std::shared_ptr<const detail::catalog> catalog)
      : catalog_(std::move(catalog)) {}

  std::shared_ptr<const detail::catalog> catalog_;
};

/// Checksums for a checkpoint whose format has none. Once written to `path`, beside it, they are
/// used wherever it is opened.
struct checkpoint_checksums {
  std::string path = {};
  std::string text = {};
};

/// Reads all of a checkpoint. Throws as `checkpoint::open` and `checkpoint::read`, and
/// `unsupported` for a format that has checksums.
[[nodiscard]] WARMSTART_EXPORT checkpoint_checksums
compute_checksums(const std::string& path, const std::string& format = "",
                  const read_options& options = {}, std::shared_ptr<const file_system> files = {});

/// The newest checkpoint that the directory's `checkpoint` state file names, as a path to open;
/// nothing if there is no such file, or what it names is gone. Of the operating system's files.
/// Throws `corrupt` if the file can not be understood.
[[nodiscard]] WARMSTART_EXPORT std::optional<std::string> latest_checkpoint(
    const std::string& directory);

}  // namespace warmstart
