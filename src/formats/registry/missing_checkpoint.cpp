#include "formats/registry/missing_checkpoint.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/nearest.hpp"
#include "formats/registry/file_formats.hpp"
#include "formats/tensorflow/sstable/table_reader.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::size_t MAX_NAMES_LOOKED_AT = 10'000;
constexpr std::string_view INDEX_ENDING = ".index";

// Sorted; empty if the directory cannot be read or has too many entries.
std::vector<std::string> names_to_look_at(const file_system& files, const std::string& directory) {
  try {
    if (!files.is_directory(directory)) return {};
    std::vector<std::string> names = files.list(directory);
    if (names.size() > MAX_NAMES_LOOKED_AT) return {};
    std::sort(names.begin(), names.end());
    return names;
  } catch (const error&) {
    return {};
  }
}

// Files of a tensor bundle; messages name the bundle by its prefix.
bool is_bundle_member(std::string_view name) {
  return name.ends_with(INDEX_ENDING) || name.find(".data-") != std::string_view::npos;
}

std::string prefix_of(const std::string& index_name) {
  return index_name.substr(0, index_name.size() - INDEX_ENDING.size());
}

bool holds_checkpoint(const file_system& files, const std::string& path) {
  const auto formats = file_formats();
  const auto named = [&](const file_format& one) { return one.is_file(path) || one.is_set(path); };
  if (std::any_of(formats.begin(), formats.end(), named)) return true;
  const auto from = files.open(path, read_mode::buffered);
  return is_table(*from) ||
         std::any_of(formats.begin(), formats.end(),
                     [&](const file_format& one) { return one.recognize(*from); });
}

std::vector<std::string> checkpoints_in(const file_system& files, const std::string& directory) {
  constexpr std::size_t MAX_FILES_OPENED = 32;
  std::vector<std::string> found;
  std::size_t opened = 0;
  for (const std::string& name : names_to_look_at(files, directory)) {
    if (name.ends_with(INDEX_ENDING)) found.push_back(prefix_of(name));
    const std::string path = directory + '/' + name;
    if (is_bundle_member(name) || !files.is_regular(path)) continue;
    if (++opened > MAX_FILES_OPENED) break;
    try {
      if (holds_checkpoint(files, path)) found.push_back(name);
    } catch (const error&) {
      continue;  // unreadable: not worth suggesting
    }
  }
  return found;
}

}  // namespace

std::string suggest_checkpoints(const file_system& files, const std::string& path) {
  const std::size_t name_start = path.rfind('/') + 1;
  const std::string directory = path.substr(0, name_start);
  std::vector<std::string> names;
  for (const std::string& name : names_to_look_at(files, directory.empty() ? "." : directory)) {
    if (name.ends_with(INDEX_ENDING)) names.push_back(prefix_of(name));
    if (!is_bundle_member(name)) names.push_back(name);
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  std::string text;
  for (const std::string& one : nearest_names(path.substr(name_start), candidates)) {
    text += (text.empty() ? "; did you mean " : " or ") + directory + one;
  }
  return text.empty() ? text : text + '?';
}

std::string list_checkpoints_in(const file_system& files, const std::string& directory) {
  constexpr std::size_t MAX_LISTED = 5;
  const std::vector<std::string> found = checkpoints_in(files, directory);
  std::string text;
  for (std::size_t i = 0; i < found.size() && i < MAX_LISTED; ++i) {
    text += (i == 0 ? "; to load from what it holds, open " : " or ") + directory + '/' + found[i];
  }
  if (found.size() > MAX_LISTED) {
    text += ", or " + std::to_string(found.size() - MAX_LISTED) + " more";
  }
  return text;
}

}  // namespace warmstart::detail
