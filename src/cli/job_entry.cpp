#include <limits>
#include <utility>

#include "cli/job_parts.hpp"

namespace warmstart::detail::cli {
namespace {

int parse_dimension(std::int64_t number, const json_value& at) {
  if (number < 0 || number > std::numeric_limits<int>::max()) {
    at.refuse("there is no dimension " + std::to_string(number));
  }
  return static_cast<int>(number);
}

std::vector<slice_extent> parse_slice(const json_value& from) {
  std::vector<slice_extent> extents;
  for (const json_value& item : from.items()) {
    const std::vector<std::int64_t> pair = item.integers();
    if (pair.size() != 2) item.refuse("expected a pair, [start, length]");
    extents.push_back({.start = pair[0], .length = pair[1]});
  }
  return extents;
}

remap parse_remap(const json_value& from, const std::string& directory) {
  from.require_fields({"indices", "old_vocabulary", "new_vocabulary", "old_size", "new_size"});
  remap made;
  if (const auto indices = from.field("indices")) {
    for (const char* other : {"old_vocabulary", "new_vocabulary", "old_size", "new_size"}) {
      if (const auto field = from.field(other)) {
        field->refuse("cannot be given together with indices");
      }
    }
    made.indices = indices->integers();
    return made;
  }
  const auto path = [&](const char* field) {
    const json_value spelled = from.required(field);
    if (spelled.string().empty()) spelled.refuse("expected the path of a file");
    return path_in(directory, spelled.string());
  };
  made.old_vocabulary = path("old_vocabulary");
  made.new_vocabulary = path("new_vocabulary");
  if (const auto size = from.field("old_size")) made.old_size = size->integer();
  if (const auto size = from.field("new_size")) made.new_size = size->integer();
  return made;
}

}  // namespace

transform parse_transform(const json_value& from, const std::string& directory) {
  from.require_fields({"to", "slice", "reshape", "transpose", "rows", "columns", "cast"});
  transform made;
  if (const auto slice = from.field("slice")) made.slice = parse_slice(*slice);
  if (const auto reshape = from.field("reshape")) made.reshape = reshape->integers();
  if (const auto transpose = from.field("transpose")) {
    for (const std::int64_t from_dimension : transpose->integers()) {
      made.transpose.push_back(parse_dimension(from_dimension, *transpose));
    }
  }
  if (const auto rows = from.field("rows")) made.rows = parse_remap(*rows, directory);
  if (const auto columns = from.field("columns")) made.columns = parse_remap(*columns, directory);
  if (const auto cast = from.field("cast")) made.cast = cast->boolean();
  return made;
}

}  // namespace warmstart::detail::cli
