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
/// Parses each record once; the time is linear in the size of the index. Throws `corrupt` for
/// damage to the index as a whole, such as a slice that no tensor lists, before it allocates
/// anything of a claimed size. Problems of single tensors (a data file that is missing or too
/// short, a size that does not fit the shape, overlapping slices) become their `refusal`. Also
/// reads the object graph of an object-based checkpoint (`add_object_names`): the only bytes that
/// opening reads from a data file.
[[nodiscard]] catalog read_bundle(const file_system& files, const std::string& prefix);

/// The path of a data file.
[[nodiscard]] std::string bundle_data_path(const std::string& prefix, std::int32_t shard,
                                           std::int32_t shard_count);

/// Checks the checksums of a variant tensor, without interpreting its elements. Throws `corrupt`,
/// and what `require_encoded` throws.
void check_bundle_variants(const file_system& files, const catalog& source,
                           const catalog_tensor& tensor);

/// Reads a string tensor and checks all its checksums (specification A1.6, A1.7). Throws `corrupt`
/// for damage, and what `decode_strings` and reading throw.
[[nodiscard]] string_pieces decode_bundle_strings(const file_system& files, const catalog& source,
                                                  const catalog_tensor& tensor);

}  // namespace warmstart::detail
