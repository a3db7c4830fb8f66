#pragma once

#include <string>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// Whether a file begins as an array does.
[[nodiscard]] bool is_npy(const file& from);

/// Reads the header of a `.npy` file (`npy_header.hpp`): one tensor, called as the file is without
/// its ending. Throws `corrupt`, and `unsupported` for elements that variables cannot have.
[[nodiscard]] catalog read_npy(const file_system& files, const std::string& path);

/// Whether a file is a zip archive with an array in it. Throws `corrupt` if its directory is.
[[nodiscard]] bool is_npz(const file& from);

/// Reads the headers of the arrays in a `.npz` file: a zip archive of `NAME.npy`, stored or
/// deflated (specification 4.4). The archive's CRC-32 become the tensors'. What is wrong with
/// single ones makes a refusal; throws `corrupt` for the archive.
[[nodiscard]] catalog read_npz(const file_system& files, const std::string& path);

}  // namespace warmstart::detail
