#include "formats/tensorflow/slices/file_set.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/file_problem.hpp"
#include "io/matching_paths.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

/// `BASE-00000-of-00003`.
struct shard_name {
  std::string base;
  int number = 0;
  int count = 0;
};

std::optional<int> number_of(std::string_view digits) {
  int value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failure != std::errc() || end != digits.data() + digits.size() || value < 0) {
    return std::nullopt;
  }
  return value;
}

std::optional<shard_name> parse_shard_name(std::string_view path) {
  const std::size_t of = path.rfind("-of-");
  const std::size_t dash =
      of == std::string_view::npos || of == 0 ? std::string_view::npos : path.rfind('-', of - 1);
  if (dash == std::string_view::npos) return std::nullopt;
  const auto number = number_of(path.substr(dash + 1, of - dash - 1));
  const auto count = number_of(path.substr(of + 4));
  if (!number || !count) return std::nullopt;
  return shard_name{.base = std::string(path.substr(0, dash)), .number = *number, .count = *count};
}

// Refuses a missing shard; TensorFlow would ignore it and its tensors.
void require_all_shards(const std::string& pattern, const std::vector<std::string>& found) {
  std::map<std::pair<std::string, int>, std::set<int>> sets;
  for (const std::string& path : found) {
    if (const auto shard = parse_shard_name(path)) {
      sets[{shard->base, shard->count}].insert(shard->number);
    }
  }
  for (const auto& [set, numbers] : sets) {
    int missing = 0;
    while (numbers.contains(missing)) ++missing;
    if (missing >= set.second) continue;
    throw error(
        file_problem(error_code::not_found, {pattern},
                     fmt::format("there is no {}-{:05}-of-{:05} among the {} files that match",
                                 set.first, missing, set.second, found.size())));
  }
}

}  // namespace

std::vector<std::string> find_slices_files(const file_system& files, const std::string& path) {
  if (files.is_regular(path)) return {path};
  if (!is_pattern(path)) return {};
  std::vector<std::string> found = matching_paths(files, path);
  require_all_shards(path, found);
  return found;
}

}  // namespace warmstart::detail
