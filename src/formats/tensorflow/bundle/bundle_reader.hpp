#pragma once

#include <string>

#include "formats/tensorflow/shared/encoded_tensor.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// Reads the index of a TensorFlow V2 checkpoint (a "tensor bundle"; specification A1, A2).
///
///     PREFIX.index                 table: "" → header, name → entry, slice key → entry of a slice
///     PREFIX.data-00000-of-00002   payloads, at any offset
///
/// Each record is parsed once, in time linear in the index. What makes the index as a whole
/// unbelievable (a slice that no tensor lists, too) throws `corrupt`, before anything of the size
/// it claims is allocated. What concerns single tensors (a data file that is missing or short, a
/// size that is not the shape's, slices that overlap) is said by the `refusal` of those tensors.
/// Of an object-based checkpoint the graph of objects is read, too (`add_object_names`): it is the
/// only thing that is taken from a data file.
[[nodiscard]] catalog read_bundle(const file_system& files, const std::string& prefix);

/// The name of a data file.
[[nodiscard]] std::string bundle_data_path(const std::string& prefix, std::int32_t shard,
                                           std::int32_t shard_count);

/// Compares the checksums of a variant tensor, of which nothing else is understood. Throws
/// `corrupt`, and as `require_encoded`.
void check_bundle_variants(const file_system& files, const catalog& source,
                           const catalog_tensor& tensor);

/// Reads a string tensor, all checksums compared (specification A1.6, A1.7). Throws `corrupt` for
/// damage, as `decode_strings`, and what reading throws.
[[nodiscard]] string_pieces decode_bundle_strings(const file_system& files, const catalog& source,
                                                  const catalog_tensor& tensor);

}  // namespace warmstart::detail
