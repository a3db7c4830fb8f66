#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "warmstart/variable_store.hpp"

namespace warmstart::detail::cli {

/// A row, and the name of the file that it is dumped to.
struct dumped_row {
  variable of;  ///< a part, or a variable that is not partitioned
  std::size_t replica = 0;
  std::string file;
};

/// All rows of a store. A file is called after its variable, and after the device if the variable
/// is on several. Throws `invalid_argument` if two rows would get the same file.
[[nodiscard]] std::vector<dumped_row> plan_dump(const variable_store& store);

/// Makes a directory, and those above it, unless they are there. Throws `io`.
void make_dump_directory(const std::string& path);

/// Writes initialized rows as NumPy files. Throws `io`.
void write_dump(const std::vector<dumped_row>& rows, const std::string& directory);

}  // namespace warmstart::detail::cli
