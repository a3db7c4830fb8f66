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
// Elements are little-endian. Every byte belongs to exactly one tensor. There are no checksums.

/// Reads the header of a file. Tensors whose dtype variables cannot have get a refusal. Throws
/// `corrupt`.
[[nodiscard]] catalog read_safetensors(const file_system& files, const std::string& path);

/// Reads the headers of a set of files through its index (`read_shard_set`). Throws `not_found` if
/// a file is missing, and `corrupt`.
[[nodiscard]] catalog read_safetensors_set(const file_system& files, const std::string& index_path);

}  // namespace warmstart::detail
