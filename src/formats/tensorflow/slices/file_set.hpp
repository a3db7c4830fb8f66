#pragma once

#include <string>
#include <vector>

#include "io/file.hpp"

namespace warmstart::detail {

/// The files of a V1 checkpoint: the file of that name, or else the files that match the path as a
/// glob pattern, sorted. Empty if there are none. If one file is called `BASE-00000-of-00003`, the
/// other shards must match, too: throws `not_found` for a missing one.
[[nodiscard]] std::vector<std::string> find_slices_files(const file_system& files,
                                                         const std::string& path);

}  // namespace warmstart::detail
