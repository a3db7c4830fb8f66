#include <filesystem>
#include <utility>

#include "cli/job_parts.hpp"

namespace warmstart::detail::cli {
namespace {

assignment_target parse_target(const json_value& from) {
  if (from.is_string()) return from.string();
  if (!from.is_array()) from.refuse("expected a name or a list of names");
  std::vector<std::string> names;
  for (const json_value& item : from.items()) names.push_back(item.string());
  return names;
}

void add_entry(job_call& to, const std::string& tensor, const json_value& from,
               const std::string& directory) {
  if (!from.is_object()) {
    to.map.add(tensor, parse_target(from));
    to.objects.emplace_back();
    return;
  }
  to.map.add(tensor, parse_target(from.required("to")), parse_transform(from, directory));
  to.objects.push_back(from.text());
}

void parse_map(job_call& to, const json_value& from, const std::string& directory) {
  std::vector<problem> problems;
  if (from.is_object()) {
    for (const auto& member : from.members()) {
      collect_problems(problems, [&] { add_entry(to, member.first, member.second, directory); });
    }
  } else if (from.is_array()) {
    for (const json_value& entry : from.items()) {
      collect_problems(problems, [&] {
        const auto pair = entry.items();
        if (pair.size() != 2) entry.refuse("expected a pair, [tensor, target]");
        add_entry(to, pair[0].string(), pair[1], directory);
      });
    }
  } else {
    from.refuse("expected an object or a list of pairs");
  }
  if (!problems.empty()) throw error(std::move(problems));
}

// Parses an option that is `error` (the default) or `keep`.
bool says_keep(const json_value& options, const std::string& name) {
  const auto field = options.field(name);
  if (!field) return false;
  const std::string what = field->string();
  if (what != "error" && what != "keep") field->refuse("expected error or keep, found " + what);
  return what == "keep";
}

init_options parse_options(const json_value& from) {
  from.require_fields({"missing", "mismatched", "except", "format", "allow_empty_scope", "cast"});
  init_options options;
  if (says_keep(from, "missing")) options.missing = init_options::missing_tensor::keep;
  if (says_keep(from, "mismatched")) options.mismatched = init_options::mismatched_tensor::keep;
  if (const auto except = from.field("except")) {
    for (const json_value& name : except->items()) options.except.push_back(name.string());
  }
  if (const auto format = from.field("format")) options.format = format->string();
  if (const auto allow = from.field("allow_empty_scope")) {
    options.allow_empty_scope = allow->boolean();
  }
  if (const auto cast = from.field("cast")) options.cast = cast->boolean();
  return options;
}

}  // namespace

std::string path_in(const std::string& directory, const std::string& spelled) {
  if (spelled.empty() || spelled.front() == '/') return spelled;
  return (std::filesystem::path(directory) / spelled).string();
}

job_call parse_call(const json_value& from, const std::string& directory) {
  from.require_fields({"checkpoint", "assignment_map", "options"});
  job_call made;
  made.checkpoint = from.required("checkpoint").string();
  made.path = path_in(directory, made.checkpoint);
  std::vector<problem> problems;
  collect_problems(problems, [&] { parse_map(made, from.required("assignment_map"), directory); });
  if (const auto options = from.field("options")) {
    collect_problems(problems, [&] { made.options = parse_options(*options); });
  }
  if (!problems.empty()) throw error(std::move(problems));
  return made;
}

}  // namespace warmstart::detail::cli
