#pragma once

#include <map>
#include <string>
#include <string_view>

#include "io/file.hpp"

namespace warmstart::detail {

/// Which file of a set holds which tensor: what `NAME.index.json` says (specification 2.5).
struct shard_index {
  std::map<std::string, std::string> file_of;   ///< tensor → a file's name, in the same directory
  std::map<std::string, std::string> metadata;  ///< texts; other values are left out
};

/// Throws `corrupt` for what is no index, and for file names that are no plain names.
[[nodiscard]] shard_index read_shard_index(const file_system& files, const std::string& path);

/// Whether it can only be the name of a file in the directory where it is looked for.
[[nodiscard]] bool is_plain_name(std::string_view name);

}  // namespace warmstart::detail
