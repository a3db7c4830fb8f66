#include "formats/common/shard_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/file_problem.hpp"
#include "formats/common/shard_index.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

template <class Named>
void sort_by_name(std::vector<Named>& list) {
  std::stable_sort(list.begin(), list.end(),
                   [](const Named& a, const Named& b) { return a.name < b.name; });
}

std::string directory_of(const std::string& path) {
  const std::size_t end = path.rfind('/');
  return end == std::string::npos ? "" : path.substr(0, end + 1);
}

// `first`: the index of the file's first tensor in the catalog.
void require_tensors(const catalog& made, std::size_t first, const std::vector<std::string>& wanted,
                     const std::string& path) {
  for (const std::string& tensor : wanted) {
    const bool found =
        std::any_of(made.tensors.begin() + static_cast<std::ptrdiff_t>(first), made.tensors.end(),
                    [&](const catalog_tensor& one) { return one.name == tensor; });
    if (found) continue;
    throw error(file_problem(error_code::corrupt, {made.path},
                             fmt::format("tensor {} is not in {}", in_quotes(tensor), path),
                             tensor));
  }
}

}  // namespace

void sort_tensors(catalog& made) {
  sort_by_name(made.tensors);
}

void add_tied_names(catalog& made, const std::map<std::string, std::string>& metadata) {
  for (const auto& [name, target] : metadata) {
    const catalog_tensor* meant = made.find(target);
    if (meant == nullptr || meant->name != target || made.find(name) != nullptr) continue;
    made.aliases.push_back({.name = name, .tensor = made.index_of(*meant)});
  }
  sort_by_name(made.aliases);
}

catalog read_shard_set(const file_system& files, const std::string& index_path,
                       const std::string& format, const shard_reader& read) {
  catalog made;
  made.format = format;
  made.path = index_path;
  made.metadata.push_back({.path = index_path, .identity = files.identify(index_path)});
  const shard_index index = read_shard_index(files, index_path);
  std::map<std::string, std::vector<std::string>> tensors_of;
  for (const auto& [tensor, file] : index.file_of) tensors_of[file].push_back(tensor);
  std::map<std::string, std::string> metadata = index.metadata;
  for (const auto& one : tensors_of) {
    const std::vector<std::string>& wanted = one.second;
    const std::size_t before = made.tensors.size();
    const std::string path = directory_of(index_path) + one.first;
    if (!files.is_regular(path)) {
      throw error(file_problem(error_code::not_found, {index_path},
                               fmt::format("there is no file {}, which should hold tensor {}", path,
                                           in_quotes(wanted.front())),
                               wanted.front()));
    }
    read(
        path,
        [&](const std::string& tensor) {
          return std::binary_search(wanted.begin(), wanted.end(), tensor);
        },
        made, metadata);
    if (made.tensors.size() - before != wanted.size()) {
      require_tensors(made, before, wanted, path);
    }
  }
  made.metadata.insert(made.metadata.end(), made.files.begin(), made.files.end());
  sort_tensors(made);
  add_tied_names(made, metadata);
  return made;
}

}  // namespace warmstart::detail
