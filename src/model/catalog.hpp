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

// What a format reader makes of a checkpoint: plain values, no file handles.
//
//     catalog ── files      path and identity
//             ├─ extents    {file, offset, bytes, checksum}
//             └─ tensors    name → dtype, shape, pieces: slice of the tensor → extent

struct catalog_file {
  std::string path;
  file_identity identity;  ///< as it was when the checkpoint was opened
  /// Makes the bytes that extents count in out of the file's own; null: they are the file's own.
  std::shared_ptr<const decoder> decoded_by = {};
  std::shared_ptr<const file_system> in = {};  ///< null: the operating system's
};

/// One of a catalog's pieces.
struct piece_reference {
  std::uint32_t tensor = 0;
  std::uint32_t piece = 0;

  friend bool operator==(const piece_reference&, const piece_reference&) = default;
};

/// Bytes of a file: [offset_bytes, offset_bytes + size_bytes), within the file.
struct extent {
  std::uint32_t file = 0;  ///< index into `catalog::files`
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  stored_checksum checksum;
  /// The checksum means something only if that of this piece has been compared, too.
  std::optional<piece_reference> verified_with = {};

  friend bool operator==(const extent&, const extent&) = default;
};

/// A slice of a tensor, and where its elements lie in an extent: densely and in row-major order
/// from its first byte to its last, or else as the strides say. Tensors may share an extent.
struct stored_piece {
  slice where;                             ///< explicit, within the tensor's shape
  std::uint32_t extent = 0;                ///< index into `catalog::extents`
  std::int64_t first = 0;                  ///< position of its first element, in elements
  std::vector<std::int64_t> strides = {};  ///< in elements, >= 0, one per dimension; none: dense
};

/// Why a tensor that is listed can not be loaded.
struct tensor_refusal {
  error_code code = error_code::unsupported;
  std::string reason;  ///< names file, offset, expected and found where they apply; empty: none
};

struct catalog_tensor {
  std::string name;
  dtype type = dtype::invalid;   ///< invalid: a number that is no known dtype
  std::int64_t type_number = 0;  ///< as stored
  bool type_guessed = false;     ///< the file only says how large elements are
  bool swapped = false;          ///< elements are stored in the other byte order
  bool conjugated = false;       ///< it is the complex conjugate of what is stored
  bool negated = false;          ///< it is the negation of what is stored
  shape full_shape;
  std::vector<stored_piece> pieces;  ///< disjoint unless refused; none of a zero-element tensor
  tensor_refusal refusal;
  std::string full_name;  ///< of the variable that was stored, if the checkpoint tells it

  [[nodiscard]] std::int64_t size_bytes() const noexcept {
    return full_shape.element_count() * static_cast<std::int64_t>(size_of(type));
  }
};

/// Whether the bytes of a tensor can be read, and compared with its checksums, though variables may
/// not be able to have its elements.
[[nodiscard]] bool is_readable(const catalog_tensor& tensor) noexcept;

/// Another name of a tensor.
struct tensor_alias {
  std::string name;          ///< no tensor's own
  std::uint32_t tensor = 0;  ///< index into `catalog::tensors`
  std::uint32_t rivals = 0;  ///< other tensors that have the name, too, and that it does not mean
};

/// A tensor that is what an optimizer keeps for a variable.
struct catalog_slot {
  std::uint32_t tensor = 0;    ///< index into `catalog::tensors`
  std::uint32_t variable = 0;  ///< the same
  std::string name;            ///< `m`, `momentum`
  std::string optimizer;       ///< its path; empty: not known
};

struct catalog {
  std::string format;                          ///< `tensor_bundle`, ...
  std::string path;                            ///< the file or prefix that was opened
  std::shared_ptr<const file_system> in = {};  ///< where it was opened; null: the operating system
  std::vector<catalog_file> metadata;          ///< files read when it was opened
  std::vector<catalog_file> files;             ///< files that hold the extents
  std::vector<extent> extents;
  std::vector<catalog_tensor> tensors;  ///< sorted by name, in unsigned byte order
  std::vector<tensor_alias> aliases;    ///< sorted by name, each once
  /// All names with `/` for `.`, sorted, each once: what else finds a tensor. None: nothing does.
  std::vector<tensor_alias> plain_names;
  std::vector<catalog_slot> slots;  ///< sorted by tensor, each once
  std::string names_missing;        ///< why full names are not known; empty: nothing is wrong

  /// The tensor of that name, its own or else another one, or null. Where there are plain names,
  /// `.` and `/` are the same letter in a name that is none; it must then fit one tensor alone.
  [[nodiscard]] const catalog_tensor* find(std::string_view name) const noexcept;
  /// The names that one fits with `.` and `/` the same letter, if it is none and they are several.
  [[nodiscard]] std::vector<std::string> find_rivals(std::string_view name) const;
  /// What `find` goes by where the name is no tensor's own, or null.
  [[nodiscard]] const tensor_alias* find_alias(std::string_view name) const noexcept;
  /// What is kept in this tensor, if it is a slot, or null.
  [[nodiscard]] const catalog_slot* find_slot(const catalog_tensor& tensor) const noexcept;
  /// Whether some name of some tensor begins so.
  [[nodiscard]] bool has_names_in(std::string_view prefix) const noexcept;
  /// Makes `plain_names` from the others.
  void allow_dots_as_slashes();
  /// Its position in `tensors`.
  [[nodiscard]] std::uint32_t index_of(const catalog_tensor& tensor) const noexcept {
    return static_cast<std::uint32_t>(&tensor - tensors.data());
  }
};

/// The part of `tensor` that `wanted` (explicit) asks for and no piece stores, in elements.
[[nodiscard]] std::int64_t missing_elements(const catalog_tensor& tensor, const slice& wanted);

}  // namespace warmstart::detail
