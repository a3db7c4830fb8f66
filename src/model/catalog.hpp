#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checksum/checksum.hpp"
#include "io/decoder.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/error.hpp"
#include "warmstart/file_system.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

// The contents of a checkpoint as format readers describe them: values without file handles.
//
//     catalog ── files      path and identity
//             ├─ extents    {file, offset, bytes, checksum}
//             └─ tensors    name → dtype, shape, pieces: slice of the tensor → extent

struct catalog_file {
  std::string path;
  file_identity identity;  ///< at the time the checkpoint was opened
  /// Decodes the file into the bytes that extents refer to; null if extents refer to the file
  /// itself.
  std::shared_ptr<const decoder> decoded_by = {};
  std::shared_ptr<const warmstart::file_system> file_system =
      {};  ///< null: the operating system's files
};

/// Identifies a piece in a catalog.
struct piece_reference {
  std::uint32_t tensor = 0;
  std::uint32_t piece = 0;

  friend bool operator==(const piece_reference&, const piece_reference&) = default;
};

/// A byte range of a file: [offset_bytes, offset_bytes + size_bytes). Always within the file.
struct extent {
  std::uint32_t file = 0;  ///< index into `catalog::files`
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  stored_checksum checksum;
  /// The checksum is only meaningful if the checksum of this piece has been compared too.
  std::optional<piece_reference> checked_with = {};

  friend bool operator==(const extent&, const extent&) = default;
};

/// A slice of a tensor and the positions of its elements in an extent: dense and row-major over the
/// whole extent, or as `first` and `strides` define. Tensors may share an extent.
struct stored_piece {
  warmstart::slice slice;                  ///< explicit, within the tensor's shape
  std::uint32_t extent = 0;                ///< index into `catalog::extents`
  std::int64_t first = 0;                  ///< position of its first element, in elements
  std::vector<std::int64_t> strides = {};  ///< in elements, >= 0, one per dimension; empty: dense
};

/// Why a listed tensor cannot be loaded.
struct tensor_refusal {
  error_code code = error_code::unsupported;
  /// With file, offset, expected and found where they apply; empty: not refused.
  std::string reason;
};

struct catalog_tensor {
  std::string name;
  dtype type = dtype::invalid;   ///< `invalid` if `type_number` is unknown
  std::int64_t type_number = 0;  ///< as stored
  bool type_guessed = false;     ///< the file only stores the size of elements
  bool swapped = false;          ///< elements are stored in the other byte order
  bool conjugated = false;       ///< the tensor is the complex conjugate of the stored data
  bool negated = false;          ///< the tensor is the negation of the stored data
  shape full_shape;
  /// Disjoint unless refused; empty if the tensor has no elements.
  std::vector<stored_piece> pieces;
  tensor_refusal refusal;
  std::string full_name;  ///< of the variable that was saved; empty if unknown

  [[nodiscard]] std::int64_t size_bytes() const noexcept {
    return full_shape.element_count() * static_cast<std::int64_t>(size_of(type));
  }
};

/// Whether the bytes of a tensor can be read and compared with its checksums, even if no variable
/// can hold its elements.
[[nodiscard]] bool is_readable(const catalog_tensor& tensor) noexcept;

/// Another name of a tensor.
struct tensor_alias {
  std::string name;                  ///< not the key of any tensor
  std::uint32_t tensor = 0;          ///< index into `catalog::tensors`
  std::uint32_t ambiguous_with = 0;  ///< number of other tensors that share this alias
};

/// A tensor that is an optimizer slot of a variable.
struct catalog_slot {
  std::uint32_t tensor = 0;    ///< index into `catalog::tensors`
  std::uint32_t variable = 0;  ///< index into `catalog::tensors`
  std::string name;            ///< for example `m` or `momentum`
  std::string optimizer;       ///< path of the optimizer; empty if unknown
};

struct catalog {
  std::string format;  ///< `tensor_bundle`, ...
  std::string path;    ///< the opened file or prefix
  std::shared_ptr<const warmstart::file_system> file_system =
      {};                              ///< its file system; null: the operating system's
  std::vector<catalog_file> metadata;  ///< files that were read to open the checkpoint
  std::vector<catalog_file> files;     ///< files that hold the extents
  std::vector<extent> extents;
  std::vector<catalog_tensor> tensors;  ///< sorted by name, in unsigned byte order
  std::vector<tensor_alias> aliases;    ///< sorted by name, unique
  /// All names with `.` replaced by `/`, sorted and unique, for names that differ only in these
  /// letters. Empty: such names are not accepted.
  std::vector<tensor_alias> plain_names;
  std::vector<catalog_slot> slots;   ///< sorted by tensor, unique
  std::string missing_names_reason;  ///< why full names are unknown; empty if nothing is wrong

  /// The tensor with that key or else alias, or null. If no tensor has the name and `plain_names`
  /// is not empty, treats `.` and `/` as equal, provided that exactly one tensor then matches.
  [[nodiscard]] const catalog_tensor* find(std::string_view name) const noexcept;
  /// The names that `name` matches if `.` and `/` are equal, if `find` fails because there are
  /// several.
  [[nodiscard]] std::vector<std::string> find_rivals(std::string_view name) const;
  /// The alias by which `find` finds the name; null if the name is a key or unknown.
  [[nodiscard]] const tensor_alias* find_alias(std::string_view name) const noexcept;
  /// The slot that is stored in `tensor`, or null.
  [[nodiscard]] const catalog_slot* find_slot(const catalog_tensor& tensor) const noexcept;
  /// Whether any name of any tensor starts with `prefix`.
  [[nodiscard]] bool has_names_in(std::string_view prefix) const noexcept;
  /// Fills `plain_names` from the names of tensors and aliases.
  void allow_dots_as_slashes();
  /// Index of `tensor` in `tensors`.
  [[nodiscard]] std::uint32_t index_of(const catalog_tensor& tensor) const noexcept {
    return static_cast<std::uint32_t>(&tensor - tensors.data());
  }
};

/// Number of elements of slice `wanted` (explicit) that no piece of `tensor` stores.
[[nodiscard]] std::int64_t missing_elements(const catalog_tensor& tensor, const slice& wanted);

}  // namespace warmstart::detail
