#include <filesystem>
#include <utility>

#include "cli/job_parts.hpp"

namespace warmstart::cli {
namespace {

assignment_target parse_target(const json_value& from) {
  if (from.is_string()) return from.string();
  if (from.is_array()) {
    std::vector<std::string> names;
    for (const json_value& item : from.items()) names.push_back(item.string());
    return names;
  }
  if (!from.is_object()) from.refuse("expected a name, a list of names or an object");
  from.require_fields({"to", "slice", "reshape", "transpose", "rows", "columns", "cast"});
  from.refuse("entries that are objects can not be run yet", error_code::unsupported);
}

using map_entry = std::pair<std::string, assignment_target>;

map_entry parse_pair(const json_value& from) {
  const auto pair = from.items();
  if (pair.size() != 2) from.refuse("expected a pair, [tensor, target]");
  return {pair[0].string(), parse_target(pair[1])};
}

assignment_map parse_map(const json_value& from) {
  assignment_map map;
  std::vector<problem> problems;
  const auto add = [&](const auto& parse) {
    collect_problems(problems, [&] {
      map_entry entry = parse();
      map.add(std::move(entry.first), std::move(entry.second));
    });
  };
  if (from.is_object()) {
    for (const auto& member : from.members()) {
      add([&] { return map_entry(member.first, parse_target(member.second)); });
    }
  } else if (from.is_array()) {
    for (const json_value& entry : from.items()) add([&] { return parse_pair(entry); });
  } else {
    from.refuse("expected an object or a list of pairs");
  }
  if (!problems.empty()) throw error(std::move(problems));
  return map;
}

init_options parse_options(const json_value& from) {
  from.require_fields({"missing", "format", "allow_empty_scope", "cast"});
  init_options options;
  if (const auto missing = from.field("missing")) {
    const std::string what = missing->string();
    if (what != "error" && what != "keep") missing->refuse("expected error or keep, found " + what);
    options.missing =
        what == "keep" ? init_options::missing_tensor::keep : init_options::missing_tensor::error;
  }
  if (const auto format = from.field("format")) options.format = format->string();
  if (const auto allow = from.field("allow_empty_scope")) {
    options.allow_empty_scope = allow->boolean();
  }
  if (const auto cast = from.field("cast")) options.cast = cast->boolean();
  return options;
}

}  // namespace

job_call parse_call(const json_value& from, const std::string& directory) {
  from.require_fields({"checkpoint", "assignment_map", "options"});
  job_call made;
  made.checkpoint = from.required("checkpoint").string();
  made.path = made.checkpoint.empty() || made.checkpoint.front() == '/'
                  ? made.checkpoint
                  : (std::filesystem::path(directory) / made.checkpoint).string();
  std::vector<problem> problems;
  collect_problems(problems, [&] { made.map = parse_map(from.required("assignment_map")); });
  if (const auto options = from.field("options")) {
    collect_problems(problems, [&] { made.options = parse_options(*options); });
  }
  if (!problems.empty()) throw error(std::move(problems));
  return made;
}

}  // namespace warmstart::cli
