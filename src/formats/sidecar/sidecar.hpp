#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

// A sidecar, PATH.crc32c.json, holds checksums for a checkpoint PATH whose format has none:
//
//     {"files": {NAME: size in bytes, ...}, "layout": "0x1a2b3c4d",
//      "crc32c": {TENSOR: ["0x1a2b3c4d", ...], ...}}
//
// A tensor has one checksum for each stored piece, over the piece's bytes in the file. `layout` is
// the checksum of the tensors' names, dtypes, shapes and places in the checkpoint's metadata.

[[nodiscard]] std::string sidecar_path(const catalog& of);

/// Returns the text of a sidecar. `crc32c` has the checksum of each extent of the catalog.
[[nodiscard]] std::string make_sidecar(const catalog& of, std::span<const std::uint32_t> crc32c);

/// Puts the checksums of the sidecar, if it exists, into the catalog. Throws `corrupt` if the file
/// is not a sidecar, or belongs to other files or tensors.
void use_sidecar(const file_system& files, catalog& of);

}  // namespace warmstart::detail
