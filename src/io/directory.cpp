#include "io/directory.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <memory>
#include <string_view>

#include "base/file_problem.hpp"
#include "io/descriptor.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

struct directory_closer {
  void operator()(DIR* opened) const noexcept { (void)::closedir(opened); }
};
using unique_directory = std::unique_ptr<DIR, directory_closer>;

unique_directory open_directory(const system_calls& calls, const std::string& path) {
  for (;;) {
    errno = ENOENT;
    unique_directory opened(is_name(path) ? calls.opendir(path.c_str()) : nullptr);
    if (opened) return opened;
    if (errno != EINTR) throw error(file_problem(error_code::io, {path}, reason(errno)));
  }
}

}  // namespace

std::vector<std::string> list_directory(const system_calls& calls, const std::string& path) {
  const unique_directory from = open_directory(calls, path);
  std::vector<std::string> names;
  for (;;) {
    const dirent* next = calls.readdir(from.get());
    if (next != nullptr) {
      const std::string_view name = next->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    } else if (errno == 0) {
      return names;
    } else if (errno != EINTR) {
      throw error(
          file_problem(error_code::io, {path}, "cannot list the directory: " + reason(errno)));
    }
  }
}

}  // namespace warmstart::detail
