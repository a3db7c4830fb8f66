#pragma once

#include <span>
#include <string>
#include <string_view>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// A format whose checkpoints are single files. A further one is a line in `file_formats`.
struct file_format {
  std::string_view name;
  /// Files called so are of the format, whatever they begin with; empty: names say nothing.
  std::string_view ending;
  bool (*recognize)(const file& from);
  catalog (*read)(const file_system& files, const std::string& path);
  std::string_view set_ending = {};  ///< of the index of a set of such files; empty: has none
  catalog (*read_set)(const file_system& files, const std::string& index_path) = nullptr;

  [[nodiscard]] bool is_file(std::string_view path) const noexcept {
    return !ending.empty() && path.ends_with(ending);
  }
  /// Whether a path is called as the index of a set.
  [[nodiscard]] bool is_set(std::string_view path) const noexcept {
    return !set_ending.empty() && path.ends_with(set_ending);
  }
};

/// In the order in which they are tried.
[[nodiscard]] std::span<const file_format> file_formats() noexcept;

/// The one of that name, or null.
[[nodiscard]] const file_format* find_file_format(std::string_view name) noexcept;

}  // namespace warmstart::detail
