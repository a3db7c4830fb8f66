#pragma once

#include <string>
#include <vector>

#include "formats/tensorflow/shared/encoded_tensor.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// Reads the metadata of a TensorFlow V1 checkpoint ("tensor slices"; specification A3): one or
/// several tables.
///
///     ""         the list of tensors and their slices
///     slice key  the values of a slice: a protobuf field
///
/// Floating-point and complex numbers are stored as in memory: their bytes in the file are an
/// extent like any other. Other values are extents of the file that a `slices_decoder` presents.
/// Checksums are computed from those of the table's blocks (see `scan_table`).
///
/// Opening reads keys, not values. `path` is the caller's path, `members` are its files. Throws
/// `corrupt` if a file is not a table. Problems of single tensors (files that disagree, overlapping
/// slices, a slice that no file has) become their `refusal`.
[[nodiscard]] catalog read_slices(const file_system& files, const std::string& path,
                                  const std::vector<std::string>& members);

/// Reads a string tensor and checks its checksums. Throws `corrupt` for damage, and what
/// `decode_strings` and reading throw.
[[nodiscard]] string_pieces decode_slices_strings(const file_system& files, const catalog& source,
                                                  const catalog_tensor& tensor);

}  // namespace warmstart::detail
