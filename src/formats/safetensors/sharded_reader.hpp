#pragma once

#include <string>
#include <vector>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// Reads the files that the ranks of one job wrote. Each file holds slices of the tensors; its
/// metadata (`DCP_SHARDING_INFO`; specification 5.6) say where the slices begin. A tensor extends
/// to the end of its last slice. Tensors whose slices overlap or leave gaps get a refusal. Throws
/// `not_found` if a file has no such metadata, `corrupt` if slices of a tensor differ in dtype or
/// rank.
[[nodiscard]] catalog read_sharded_safetensors(const file_system& files,
                                               const std::string& directory,
                                               const std::vector<std::string>& members);

}  // namespace warmstart::detail
