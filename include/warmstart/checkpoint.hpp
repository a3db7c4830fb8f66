#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warmstart/dtype.hpp"
#include "warmstart/error.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart {

/// What a checkpoint says of one of its tensors.
struct tensor_info {
  std::string name;
  dtype type = dtype::invalid;  ///< invalid: a dtype number that is not known
  shape full_shape;
  std::int64_t size_bytes = 0;        ///< as stored
  std::vector<slice> slices;          ///< more than one, or one that is not all: stored partitioned
  std::int64_t missing_elements = 0;  ///< the slices leave so many out: gaps
  std::vector<std::string> files;     ///< that hold it
  std::string refusal;                ///< why it can not initialize variables; empty: it can
};

/// A tensor in host memory: row-major, little endian.
struct host_tensor {
  dtype type = dtype::invalid;
  shape of;
  std::vector<std::byte> bytes;
};

/// A checkpoint open for reading on the host: what TensorFlow's CheckpointReader offers.
///
///     auto reader = checkpoint::open("/data/model.ckpt");
///     for (const tensor_info& tensor : reader.tensors()) ...
///     host_tensor kernel = reader.read("encoder/kernel");
///
/// Opening reads and verifies the whole index; data are read, and their checksums verified, by the
/// calls. A value; copies share the parsed index. Several threads may use copies of it.
class checkpoint {
 public:
  /// `path`: a prefix, its `.index` or a `.data-` file, or a directory with a `checkpoint` state
  /// file or a SavedModel. Tried literally: glob characters have no meaning. `format`: empty, or
  /// one of the job file's names. Throws `not_found`, `corrupt`, `unsupported`, `io`.
  [[nodiscard]] static checkpoint open(const std::string& path, const std::string& format = "");

  [[nodiscard]] const std::string& path() const noexcept;    ///< the prefix or file that was found
  [[nodiscard]] const std::string& format() const noexcept;  ///< `tensor_bundle`

  /// By name, in unsigned byte order.
  [[nodiscard]] std::vector<tensor_info> tensors() const;
  [[nodiscard]] bool has(std::string_view name) const;
  /// These throw `not_found` for a name that is not there.
  [[nodiscard]] tensor_info info(std::string_view name) const;
  /// All of a tensor; one stored in slices is assembled. Throws `mismatch` for string tensors,
  /// `corrupt` for damage, `not_found` and `io` for its files.
  [[nodiscard]] host_tensor read(std::string_view name) const;
  /// A slice of it; full extents are allowed. Throws `mismatch` if it does not fit the shape or is
  /// not covered by what is stored.
  [[nodiscard]] host_tensor read(std::string_view name, const slice& wanted) const;
  /// The elements of a string tensor, row-major. Throws as `read`.
  [[nodiscard]] std::vector<std::string> read_strings(std::string_view name) const;

  /// Reads all data and compares every checksum. Damage is returned, one problem a tensor or slice,
  /// not thrown; so are tensors whose slices leave gaps.
  struct verification {
    std::int64_t tensors = 0;
    std::int64_t bytes = 0;
    std::vector<problem> damage;
  };
  [[nodiscard]] verification verify() const;

 private:
  explicit checkpoint(std::shared_ptr<const struct catalog> catalog)
      : catalog_(std::move(catalog)) {}

  std::shared_ptr<const struct catalog> catalog_;
};

/// The newest checkpoint that the directory's `checkpoint` state file names, as a path to open;
/// nothing if there is no such file, or what it names is gone. Throws `corrupt` if the file can not
/// be understood.
[[nodiscard]] std::optional<std::string> latest_checkpoint(const std::string& directory);

}  // namespace warmstart
