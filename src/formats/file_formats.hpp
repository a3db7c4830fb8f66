#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/catalog.hpp"
#include "io/file.hpp"

namespace warmstart {

/// A format whose checkpoints are single files. A further one is a line in `file_formats`.
struct file_format {
  std::string_view name;
  std::string_view ending;  ///< files called so are of the format, whatever they begin with
  bool (*recognize)(const file& from);
  catalog (*read)(const file_system& files, const std::string& path);
};

/// In the order in which they are tried.
[[nodiscard]] std::span<const file_format> file_formats() noexcept;

/// The one of that name, or null.
[[nodiscard]] const file_format* find_file_format(std::string_view name) noexcept;

}  // namespace warmstart
