#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// What a path leads to.
struct located_checkpoint {
  std::string format;
  std::string path;  ///< the prefix, file or pattern to read
  std::vector<std::string> members =
      {};  ///< the files that make it up: of V1, of slices in safetensors files
};

/// Finds the checkpoint that a path means (specification A4), literally where there is such a file:
///
///     DIRECTORY                       what its `checkpoint` file names, else a SavedModel's
///                                     variables/variables, else a distributed checkpoint of
///                                     PyTorch's (`.metadata`), else a set of files, or the only
///                                     one of safetensors
///     DIRECTORY/.metadata             the same
///     PREFIX                          V2: PREFIX.index is there
///     PREFIX.index, PREFIX.data-...   the same
///     FILE                            formats of single files: by its name, or by its contents
///     NAME.safetensors.index.json     a set of safetensors files
///     NAME.bin.index.json             a set of torch files
///     FILE                            V1
///     PATTERN                         V1: the files that match
///
/// Throws `not_found` saying what was looked for, `unsupported` for formats that cannot be read.
/// `format`: empty, or the only one to accept; `invalid_argument` if there is none of that name.
[[nodiscard]] located_checkpoint locate_checkpoint(const file_system& files,
                                                   const std::string& path,
                                                   const std::string& format = "");

/// Reads the metadata of a checkpoint, and the checksums beside one whose format has none. Throws
/// as `locate_checkpoint`, and `corrupt`.
[[nodiscard]] catalog read_catalog(const file_system& files, const located_checkpoint& where);

/// Whether a checksum covers some of its data.
[[nodiscard]] bool has_checksums(const catalog& of) noexcept;

/// The same of a checkpoint whose format has no checksums, without those beside it. Throws as
/// `read_catalog`, and `unsupported` for a format that has its own.
[[nodiscard]] catalog read_catalog_to_sum(const file_system& files,
                                          const located_checkpoint& where);

/// The elements of a string tensor, row-major. Throws `mismatch` if it is none, or has
/// gaps, `corrupt` for damage, and what reading throws.
[[nodiscard]] std::vector<std::string> read_strings(const file_system& files, const catalog& source,
                                                    const catalog_tensor& tensor);

/// Reads a tensor whose elements have no fixed size and compares its checksums, whether there
/// are gaps or not. Throws `corrupt`, and `unsupported` for a dtype that is not known.
void verify_encoded(const file_system& files, const catalog& source, const catalog_tensor& tensor);

/// TensorFlow's latest_checkpoint: what the directory's state file names, if it is there.
[[nodiscard]] std::optional<std::string> find_latest_checkpoint(const file_system& files,
                                                                const std::string& directory);

}  // namespace warmstart::detail
