#pragma once

#include <string>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// Whether torch.save wrote a file: checks its first bytes, and the names of an archive's entries.
[[nodiscard]] bool is_torch(const file& from);

/// Lists the tensors of a torch.save file: a zip archive (`torch_archive.hpp`) or a legacy file
/// (`legacy_file.hpp`). The name of a tensor in nested containers joins the keys by dots. Uses an
/// archive's CRC-32 values as the storages' checksums. Throws `corrupt`, and `unsupported` for
/// pickles that contain more than plain values.
[[nodiscard]] catalog read_torch(const file_system& files, const std::string& path);

/// Reads a set of files through its index, `*.bin.index.json` (`read_shard_set`). Throws
/// `not_found` if a file is missing, and `corrupt`.
[[nodiscard]] catalog read_torch_set(const file_system& files, const std::string& index_path);

}  // namespace warmstart::detail
