#pragma once

#include <memory>
#include <string>

#include "core/catalog.hpp"
#include "io/file.hpp"
#include "variables/opened_checkpoints.hpp"

namespace warmstart {

/// The checkpoint that a path means: what was read of it before, if each of its files is still the
/// same, else it is read. Looks at the files of no other checkpoint, and at those of this one once.
/// Throws as `locate_checkpoint` and `read_catalog`.
[[nodiscard]] std::shared_ptr<const catalog> open_once(const file_system& files,
                                                       const opened_checkpoints& opened,
                                                       const std::string& path,
                                                       const std::string& format);

}  // namespace warmstart
