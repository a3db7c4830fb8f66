#include "formats/safetensors/safetensors_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "formats/safetensors/file_reader.hpp"
#include "formats/shard_index.hpp"
#include "formats/tensor_refusals.hpp"
#include "warmstart/error.hpp"

namespace warmstart {
namespace {

void sort_tensors(catalog& made) {
  std::sort(made.tensors.begin(), made.tensors.end(),
            [](const catalog_tensor& a, const catalog_tensor& b) { return a.name < b.name; });
}

// Of tied weights one is stored, and metadata say what the other is called (specification 2.5).
void add_aliases(catalog& made, const std::map<std::string, std::string>& metadata) {
  for (const auto& [name, target] : metadata) {
    const catalog_tensor* meant = made.find(target);
    if (meant == nullptr || meant->name != target || made.find(name) != nullptr) continue;
    made.aliases.push_back({.name = name, .tensor = made.index_of(*meant)});
  }
  std::sort(made.aliases.begin(), made.aliases.end(),
            [](const tensor_alias& a, const tensor_alias& b) { return a.name < b.name; });
}

std::string directory_of(const std::string& path) {
  const std::size_t end = path.rfind('/');
  return end == std::string::npos ? "" : path.substr(0, end + 1);
}

}  // namespace

catalog read_safetensors(const file_system& files, const std::string& path) {
  catalog made;
  made.format = "safetensors";
  made.path = path;
  safetensors_file_reader reader(files, path, made);
  reader.add_tensors([](const std::string&) { return true; });
  made.metadata = made.files;
  sort_tensors(made);
  add_aliases(made, reader.metadata());
  return made;
}

catalog read_safetensors_set(const file_system& files, const std::string& index_path) {
  catalog made;
  made.format = "safetensors";
  made.path = index_path;
  made.metadata.push_back({.path = index_path, .identity = files.identify(index_path)});
  const shard_index index = read_shard_index(files, index_path);
  std::map<std::string, std::vector<std::string>> tensors_of;
  for (const auto& [tensor, file] : index.file_of) tensors_of[file].push_back(tensor);
  std::map<std::string, std::string> metadata = index.metadata;
  for (const auto& shard : tensors_of) {
    const std::string& name = shard.first;
    const std::vector<std::string>& wanted = shard.second;
    const std::string path = directory_of(index_path) + name;
    const std::size_t before = made.tensors.size();
    safetensors_file_reader reader(files, path, made);
    reader.add_tensors([&](const std::string& tensor) {
      return std::binary_search(wanted.begin(), wanted.end(), tensor);
    });
    metadata.insert(reader.metadata().begin(), reader.metadata().end());
    if (made.tensors.size() - before == wanted.size()) continue;
    for (const std::string& tensor : wanted) {
      const auto found = std::find_if(
          made.tensors.begin() + static_cast<std::ptrdiff_t>(before), made.tensors.end(),
          [&](const catalog_tensor& one) { return one.name == tensor; });
      if (found != made.tensors.end()) continue;
      throw error(error_code::corrupt, fmt::format("{}: tensor {} is not in {}", index_path,
                                                   quoted(tensor), quoted(name)));
    }
  }
  made.metadata.insert(made.metadata.end(), made.files.begin(), made.files.end());
  sort_tensors(made);
  add_aliases(made, metadata);
  return made;
}

}  // namespace warmstart
