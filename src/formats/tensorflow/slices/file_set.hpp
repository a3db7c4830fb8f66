#pragma once

#include <string>
#include <vector>

#include "io/file.hpp"

namespace warmstart::detail {

/// The files of a V1 checkpoint: the file of that name, else those that the path matches as a glob
/// pattern, sorted; none if there are none. Of files named `BASE-00000-of-00003` all must be among
/// those matched: throws `not_found` for a shard that is not.
[[nodiscard]] std::vector<std::string> find_slices_files(const file_system& files,
                                                         const std::string& path);

}  // namespace warmstart::detail
