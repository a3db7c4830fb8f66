#pragma once

#include <string>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// Whether a file is one of torch.save's: by its begin, and the names of what is in it.
[[nodiscard]] bool is_torch(const file& from);

/// Reads what tensors a file of torch.save holds: a zip archive (`torch_archive.hpp`) or a legacy
/// file (`legacy_file.hpp`). Tensors in nested containers are called by the keys on the way, joined
/// by dots. An archive's CRC-32 become the storages'. Throws `corrupt`; `unsupported` for pickles
/// that hold more than plain values.
[[nodiscard]] catalog read_torch(const file_system& files, const std::string& path);

/// Reads a set: an index (`*.bin.index.json`) says which of the files beside it holds which tensor;
/// what it does not list is not there. Throws `not_found` for a file, `corrupt`.
[[nodiscard]] catalog read_torch_set(const file_system& files, const std::string& index_path);

}  // namespace warmstart::detail
