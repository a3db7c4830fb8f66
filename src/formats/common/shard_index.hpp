#pragma once

#include <map>
#include <string>
#include <string_view>

#include "io/file.hpp"

namespace warmstart::detail {

/// The contents of `NAME.index.json`: which file of a set holds which tensor (specification 2.5).
struct shard_index {
  std::map<std::string, std::string> file_of;   ///< tensor → a file's name, in the same directory
  std::map<std::string, std::string> metadata;  ///< only values that are strings
};

/// Throws `corrupt` if the file is not an index, or a file name fails `is_plain_name`.
[[nodiscard]] shard_index read_shard_index(const file_system& files, const std::string& path);

/// Whether a name has no directory part, so that it cannot lead out of its directory.
[[nodiscard]] bool is_plain_name(std::string_view name);

}  // namespace warmstart::detail
