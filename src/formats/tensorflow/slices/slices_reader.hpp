#pragma once

#include <string>
#include <vector>

#include "formats/tensorflow/shared/encoded_tensor.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// Reads the metadata of a TensorFlow V1 checkpoint ("tensor slices"; specification A3): a table,
/// or a set of them.
///
///     ""         what tensors there are, and in which slices
///     slice key  the values of a slice: a protobuf field
///
/// Where values are stored as they are in memory (floating-point and complex numbers), their bytes
/// in the file are an extent as any other; all others are extents of what a `slices_decoder` makes
/// of the file. Their checksums come from those of the table's blocks (see `scan_table`).
///
/// Opening reads keys, not values. `path` is what was asked for, `members` are its files. Throws
/// `corrupt` if one is no such table; what concerns single tensors (files that disagree on one,
/// overlapping slices, a slice that no file has) is said by their `refusal`.
[[nodiscard]] catalog read_slices(const file_system& files, const std::string& path,
                                  const std::vector<std::string>& members);

/// Reads a string tensor, its checksums compared. Throws `corrupt` for damage, as `decode_strings`,
/// and what reading throws.
[[nodiscard]] string_pieces decode_slices_strings(const file_system& files, const catalog& source,
                                                  const catalog_tensor& tensor);

}  // namespace warmstart::detail
