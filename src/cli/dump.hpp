#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "warmstart/variable_store.hpp"

namespace warmstart::detail::cli {

/// A row and the name of its dump file.
struct dumped_row {
  warmstart::variable variable;  ///< a part, or a variable that is not partitioned
  std::size_t replica = 0;
  std::string file;
};

/// Names the files for all rows of a store, after the variable and, if it is on several devices,
/// the device. Throws `invalid_argument` if two rows would have the same file.
[[nodiscard]] std::vector<dumped_row> plan_dump(const variable_store& store);

/// Creates a directory and its parents if they do not exist. Throws `io`.
void make_dump_directory(const std::string& path);

/// Writes initialized rows as NumPy files. Throws `io`.
void write_dump(const std::vector<dumped_row>& rows, const std::string& directory);

}  // namespace warmstart::detail::cli
