#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// The checkpoint that a path leads to.
struct located_checkpoint {
  std::string format;
  std::string path;                       ///< the prefix, file or pattern to read
  std::vector<std::string> members = {};  ///< its files, for V1 and for slices in safetensors files
};

/// Finds the checkpoint that a path means (specification A4). A file with that exact name takes
/// precedence over a pattern:
///
///     DIRECTORY                       the one that its `checkpoint` file names, else a
///                                     SavedModel's variables/variables, else a distributed
///                                     checkpoint of PyTorch (`.metadata`), else a set of files,
///                                     or the only safetensors file
///     DIRECTORY/.metadata             the same
///     PREFIX                          V2, if PREFIX.index exists
///     PREFIX.index, PREFIX.data-...   the same
///     FILE                            formats of single files: by its name, or by its contents
///     NAME.safetensors.index.json     a set of safetensors files
///     NAME.bin.index.json             a set of torch files
///     FILE                            V1
///     PATTERN                         V1: the files that match
///
/// `format`: the only format to accept, or empty. Throws `not_found` with a list of the names that
/// were tried, `unsupported` for formats that cannot be read, `invalid_argument` if `format` is not
/// known.
[[nodiscard]] located_checkpoint locate_checkpoint(const file_system& files,
                                                   const std::string& path,
                                                   const std::string& format = "");

/// Reads the metadata of a checkpoint. If its format has no checksums, also reads the sidecar
/// (`sidecar.hpp`). Throws what `locate_checkpoint` throws, and `corrupt`.
[[nodiscard]] catalog read_catalog(const file_system& files, const located_checkpoint& where);

/// Whether a checksum covers any of its data.
[[nodiscard]] bool has_checksums(const catalog& of) noexcept;

/// Reads the metadata of a checkpoint whose checksums are to be computed; ignores a sidecar. Throws
/// what `read_catalog` throws, and `unsupported` if the format has checksums.
[[nodiscard]] catalog read_catalog_to_sum(const file_system& files,
                                          const located_checkpoint& where);

/// The elements of a string tensor, row-major. Throws `mismatch` for tensors of other dtypes or
/// with gaps, `corrupt` for damage, and what reading throws.
[[nodiscard]] std::vector<std::string> read_strings(const file_system& files, const catalog& source,
                                                    const catalog_tensor& tensor);

/// Reads a tensor whose elements have no fixed size, and checks its checksums. The tensor may have
/// gaps. Throws `corrupt`, and `unsupported` for an unknown dtype.
void check_encoded(const file_system& files, const catalog& source, const catalog_tensor& tensor);

/// TensorFlow's latest_checkpoint: the path that the directory's state file names, if it exists.
[[nodiscard]] std::optional<std::string> find_latest_checkpoint(const file_system& files,
                                                                const std::string& directory);

}  // namespace warmstart::detail
