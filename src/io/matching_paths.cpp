#include "io/matching_paths.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace warmstart::detail {
namespace {

// `directory` ends with a slash, or is empty for the current directory.
void match(const file_system& files, const std::string& directory, std::string_view pattern,
           std::vector<std::string>& found) {
  const std::size_t slash = pattern.find('/');
  const bool last = slash == std::string_view::npos;
  const std::string component(pattern.substr(0, slash));
  const auto go_on = [&](const std::string& name) {
    const std::string path = directory + name;
    if (!last) {
      match(files, path + "/", pattern.substr(slash + 1), found);
    } else if (files.is_regular(path)) {
      found.push_back(path);
    }
  };
  if (!is_pattern(component)) {
    go_on(component);
    return;
  }
  const std::string listed = directory.empty() ? "." : directory;
  if (!files.is_directory(listed)) return;
  for (const std::string& name : files.list(listed)) {
    if (fnmatch(component.c_str(), name.c_str(), 0) == 0) go_on(name);
  }
}

}  // namespace

std::vector<std::string> matching_paths(const file_system& files, std::string_view pattern) {
  std::vector<std::string> found;
  match(files, "", pattern, found);
  std::sort(found.begin(), found.end());
  return found;
}

bool is_pattern(std::string_view path) {
  return path.find_first_of("*?[\\") != std::string_view::npos;
}

}  // namespace warmstart::detail
