#pragma once

#include <string>
#include <vector>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

// A safetensors file (specification 2):
//
//     u64 n │ n bytes of JSON: name → dtype, shape, [begin, end) │ the tensors' bytes, row-major
//
// Bytes are little-endian; none are without a tensor, and none have two. There are no checksums.

/// Reads the header of a file. Throws `corrupt`; single tensors whose dtype variables cannot have
/// are listed, with a refusal.
[[nodiscard]] catalog read_safetensors(const file_system& files, const std::string& path);

/// Reads the headers of a set: an index (`*.index.json`) says which of the files beside it holds
/// which tensor; what it does not list is not there. Throws `not_found` for a file, `corrupt`.
[[nodiscard]] catalog read_safetensors_set(const file_system& files, const std::string& index_path);

}  // namespace warmstart::detail
