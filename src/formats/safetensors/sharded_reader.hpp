#pragma once

#include <string>
#include <vector>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// Reads the files that the ranks of a job wrote, each its slices of the tensors: their metadata
/// say where these begin (`DCP_SHARDING_INFO`; specification 5.6). A tensor is as large as its
/// slices reach. Throws `not_found` if one of the files has no such metadata, `corrupt` if slices
/// overlap, leave gaps, or differ in dtype or rank.
[[nodiscard]] catalog read_sharded_safetensors(const file_system& files,
                                               const std::string& directory,
                                               const std::vector<std::string>& members);

}  // namespace warmstart::detail
