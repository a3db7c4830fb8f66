#include "formats/common/shard_index.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/file_problem.hpp"
#include "base/strict_json.hpp"
#include "base/units.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t MAX_INDEX_BYTES = 256 * mebibyte;

}  // namespace

bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

shard_index read_shard_index(const file_system& files, const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    throw error(file_problem(error_code::corrupt, {path}, why));
  };
  const std::vector<std::byte> bytes = read_whole(files, path, MAX_INDEX_BYTES);
  const nlohmann::json root = parse_strict_json(
      {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path, error_code::corrupt);
  if (!root.is_object() || !root.contains("weight_map") || !root["weight_map"].is_object()) {
    refuse("expected an object with a weight_map of names and files");
  }
  shard_index made;
  for (const auto& [tensor, file] : root["weight_map"].items()) {
    if (!file.is_string()) {
      refuse(fmt::format("weight_map: tensor {}: expected a file's name, found {}",
                         in_quotes(tensor), file.type_name()));
    }
    const auto& name = file.get_ref<const std::string&>();
    if (!is_plain_name(name)) {
      refuse(
          fmt::format("weight_map: tensor {}: expected the name of a file in the same "
                      "directory, found {}",
                      in_quotes(tensor), in_quotes(name)));
    }
    made.file_of.emplace(tensor, name);
  }
  if (const auto metadata = root.find("metadata");
      metadata != root.end() && metadata->is_object()) {
    for (const auto& [key, value] : metadata->items()) {
      if (value.is_string()) made.metadata.emplace(key, value.get<std::string>());
    }
  }
  return made;
}

}  // namespace warmstart::detail
