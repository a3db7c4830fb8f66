#pragma once

#include <string>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// Whether a file begins with NumPy's magic.
[[nodiscard]] bool is_npy(const file& from);

/// Reads the header of a `.npy` file (`npy_header.hpp`): one tensor, named after the file without
/// `.npy`. Throws `corrupt`, and `unsupported` for elements that variables cannot have.
[[nodiscard]] catalog read_npy(const file_system& files, const std::string& path);

/// Whether a file is a zip archive with an array in it. Throws `corrupt` if the archive's directory
/// is damaged.
[[nodiscard]] bool is_npz(const file& from);

/// Reads the headers of the arrays in a `.npz` file: a zip archive of `NAME.npy`, stored or
/// deflated (specification 4.4). Uses the archive's CRC-32 values as the tensors' checksums.
/// Tensors whose entries are damaged get a refusal. Throws `corrupt` if the archive is damaged.
[[nodiscard]] catalog read_npz(const file_system& files, const std::string& path);

}  // namespace warmstart::detail
