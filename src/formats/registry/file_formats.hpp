#pragma once

#include <span>
#include <string>
#include <string_view>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// A format whose checkpoints are single files. To add one, add a line to `file_formats`.
struct file_format {
  std::string_view name;
  /// File names with this ending imply the format, whatever the contents. Empty: none does.
  std::string_view ending;
  bool (*recognize)(const file& from);
  catalog (*read)(const file_system& files, const std::string& path);
  std::string_view set_ending = {};  ///< of the index of a set of files; empty: no sets
  catalog (*read_set)(const file_system& files, const std::string& index_path) = nullptr;

  [[nodiscard]] bool is_file(std::string_view path) const noexcept {
    return !ending.empty() && path.ends_with(ending);
  }
  /// Whether a path has the name of a set's index.
  [[nodiscard]] bool is_set(std::string_view path) const noexcept {
    return !set_ending.empty() && path.ends_with(set_ending);
  }
};

/// All formats of single files, in the order in which they are tried.
[[nodiscard]] std::span<const file_format> file_formats() noexcept;

/// The format of that name, or null.
[[nodiscard]] const file_format* find_file_format(std::string_view name) noexcept;

}  // namespace warmstart::detail
