#pragma once

#include <functional>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

// Tensors whose elements have no fixed size: strings and variants.

/// Throws what refuses the bytes of such a tensor.
void require_encoded(const catalog_tensor& tensor);

/// Throws `corrupt` for the bytes of one of its extents, naming file, offset, size and tensor.
[[noreturn]] void refuse_encoded(const catalog& source, const catalog_tensor& tensor,
                                 const extent& stored, const std::string& why);

/// The payload of such a tensor, or of a slice of it. Throws what reading throws.
[[nodiscard]] std::string read_encoded_payload(const file_system& files, const catalog& source,
                                               const stored_piece& piece);

/// The elements of each piece of a string tensor, row-major.
using string_pieces = std::vector<std::vector<std::string>>;

/// Throws `mismatch` if the tensor is none of strings, as `require_encoded`, and what `decode`
/// throws.
[[nodiscard]] string_pieces decode_strings(
    const catalog_tensor& tensor,
    const std::function<std::vector<std::string>(const stored_piece&)>& decode);

/// The elements of the tensor. Throws `mismatch` if there are gaps.
[[nodiscard]] std::vector<std::string> assemble_strings(const catalog_tensor& tensor,
                                                        string_pieces pieces);

}  // namespace warmstart::detail
