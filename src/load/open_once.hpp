#pragma once

#include <memory>
#include <string>

#include "formats/registry/open_checkpoint.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"
#include "variables/opened_checkpoints.hpp"

namespace warmstart::detail {

/// A file system of the caller's, or the operating system's where there is none.
[[nodiscard]] std::shared_ptr<const file_system> or_system_files(
    std::shared_ptr<const file_system> given);

/// The checkpoint that a path means: what was read of it before, if each of its files is still the
/// same, else it is read. Looks at the files of no other checkpoint, and at those of this one once.
/// Throws as `locate_checkpoint` and `read_catalog`. `in`: null, or a file system of the caller's.
[[nodiscard]] std::shared_ptr<const catalog> open_once(const std::shared_ptr<const file_system>& in,
                                                       const opened_checkpoints& opened,
                                                       const std::string& path,
                                                       const std::string& format);

/// Reads a checkpoint that was located; its catalog says where its files are.
[[nodiscard]] std::shared_ptr<const catalog> open_catalog(
    const std::shared_ptr<const file_system>& in, const located_checkpoint& found);
/// Says that a catalog's files are there.
void place_files(catalog& opened, const std::shared_ptr<const file_system>& in);

}  // namespace warmstart::detail
