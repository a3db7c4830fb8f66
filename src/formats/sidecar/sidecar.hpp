#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

// Checksums beside a checkpoint whose format has none: PATH.crc32c.json, of what PATH opens.
//
//     {"files": {NAME: size in bytes, ...}, "layout": "0x1a2b3c4d",
//      "crc32c": {TENSOR: ["0x1a2b3c4d", ...], ...}}
//
// A tensor has one checksum for each stored piece, of its bytes in the file. `layout` is that of
// what the checkpoint's metadata say of all tensors: names, dtypes, shapes, places.

[[nodiscard]] std::string sidecar_path(const catalog& of);

/// `crc32c`: of each extent of the catalog.
[[nodiscard]] std::string make_sidecar(const catalog& of, std::span<const std::uint32_t> crc32c);

/// Takes over the checksums, if there are any. Throws `corrupt` if it is no such file, or was made
/// for other files or tensors.
void use_sidecar(const file_system& files, catalog& of);

}  // namespace warmstart::detail
