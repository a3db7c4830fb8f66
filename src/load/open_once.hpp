#pragma once

#include <memory>
#include <string>

#include "formats/registry/open_checkpoint.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"
#include "variables/opened_checkpoints.hpp"

namespace warmstart::detail {

/// `given`, or the operating system's files if it is null.
[[nodiscard]] std::shared_ptr<const file_system> or_system_files(
    std::shared_ptr<const file_system> given);

/// Opens the checkpoint at a path. Returns the known catalog if none of its files has changed, or
/// reads it. Identifies each file of this checkpoint once, and no others. `in`: the caller's file
/// system, or null. Throws what `locate_checkpoint` and `read_catalog` throw.
[[nodiscard]] std::shared_ptr<const catalog> open_once(const std::shared_ptr<const file_system>& in,
                                                       const opened_checkpoints& opened,
                                                       const std::string& path,
                                                       const std::string& format);

/// Reads a located checkpoint, and calls `place_files` on its catalog.
[[nodiscard]] std::shared_ptr<const catalog> open_catalog(
    const std::shared_ptr<const file_system>& in, const located_checkpoint& found);
/// Sets the file system of a catalog and its files.
void place_files(catalog& opened, const std::shared_ptr<const file_system>& in);

}  // namespace warmstart::detail
