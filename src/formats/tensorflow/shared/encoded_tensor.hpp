#pragma once

#include <functional>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

// Tensors whose elements have no fixed size: strings and variants.

/// Throws the tensor's refusal, unless its only reason is that variables cannot have the dtype.
void require_encoded(const catalog_tensor& tensor);

/// Throws `corrupt` for an extent of a tensor; the message names file, offset, size and tensor.
[[noreturn]] void refuse_encoded(const catalog& source, const catalog_tensor& tensor,
                                 const extent& stored, const std::string& why);

/// Reads the bytes of a piece. Throws what reading throws.
[[nodiscard]] std::string read_encoded_payload(const file_system& files, const catalog& source,
                                               const stored_piece& piece);

/// The elements of each piece of a string tensor, row-major.
using string_pieces = std::vector<std::vector<std::string>>;

/// Decodes all pieces of a string tensor. Throws `mismatch` for other dtypes, and what
/// `require_encoded` and `decode` throw.
[[nodiscard]] string_pieces decode_strings(
    const catalog_tensor& tensor,
    const std::function<std::vector<std::string>(const stored_piece&)>& decode);

/// Joins the elements of all pieces. Throws `mismatch` if they leave gaps.
[[nodiscard]] std::vector<std::string> assemble_strings(const catalog_tensor& tensor,
                                                        string_pieces pieces);

}  // namespace warmstart::detail
