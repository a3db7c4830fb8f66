#include "cli/job.hpp"

#include <filesystem>
#include <map>
#include <utility>

#include "base/strict_json.hpp"
#include "base/units.hpp"
#include "cli/job_parts.hpp"
#include "cli/kind_of_file.hpp"
#include "io/file.hpp"

namespace warmstart::detail::cli {
namespace {

constexpr std::int64_t LARGEST_JOB_BYTES = gibibyte;

// Runs `step`, and prepends `place` to the messages of problems that it throws.
template <class Step>
auto with_place(const std::string& place, Step step) {
  try {
    return step();
  } catch (const error& bad) {
    std::vector<problem> problems = bad.problems();
    for (problem& one : problems) one.message.insert(0, place + ": ");
    throw error(std::move(problems));
  }
}

}  // namespace

job parse_job(std::string_view text, const std::string& directory) {
  const nlohmann::json document = parse_strict_json(text, "the job", error_code::invalid_argument);
  const json_value root(document, "");
  root.require_fields({"device", "variables", "initialize"});
  job made;
  std::vector<problem> problems;
  if (const auto where = root.field("device")) {
    collect_problems(problems, [&] { made.default_device = device(where->string()); });
  }
  std::map<std::string, std::string> places;  // by name of the variable
  for (const json_value& item : root.required("variables").items()) {
    collect_problems(problems, [&] {
      job_variable one = parse_variable(item);
      const auto [first, fresh] = places.try_emplace(one.name, item.place());
      if (!fresh) item.refuse(first->second + " has the same name, " + one.name);
      made.variables.push_back(std::move(one));
    });
  }
  if (const auto calls = root.field("initialize")) {
    for (const json_value& item : calls->items()) {
      collect_problems(problems, [&] { made.calls.push_back(parse_call(item, directory)); });
    }
  }
  if (!problems.empty()) throw error(std::move(problems));
  return made;
}

job read_job(const std::string& path) {
  const bool from_input = path == STANDARD_INPUT;
  if (!from_input) refuse_checkpoint(path);
  const auto bytes = read_stream(from_input ? "/dev/stdin" : path, LARGEST_JOB_BYTES);
  const std::string name = from_input ? "standard input" : path;
  return with_place(name, [&] {
    job made = parse_job({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                         from_input ? "" : std::filesystem::path(path).parent_path().string());
    made.path = name;
    return made;
  });
}

resolved_job resolve_job(const job& of, const std::optional<device>& override_device) {
  const device where = override_device     ? *override_device
                       : of.default_device ? *of.default_device
                                           : device::best();
  resolved_job made{.store = variable_store(where), .calls = {}, .spelled = {}, .objects = {}};
  std::vector<problem> problems;
  const std::string file = of.path.empty() ? "" : of.path + ": ";
  for (std::size_t i = 0; i < of.variables.size(); ++i) {
    const job_variable& one = of.variables[i];
    collect_problems(problems, [&] {
      with_place(file + "variables[" + std::to_string(i) + "]",
                 [&] { (void)made.store.get_variable(one.name, one.shape, one.options); });
    });
  }
  // Stop here: maps that name a missing variable would only add more errors.
  if (!problems.empty()) throw error(std::move(problems));
  for (const job_call& call : of.calls) {
    collect_problems(problems, [&] {
      made.calls.push_back(init_from_checkpoint(made.store, call.path, call.map, call.options));
      made.calls.back().checkpoint = call.checkpoint;
      for (const resolved_assignment& row : made.calls.back().rows) {
        made.objects[{row.variable, row.device}] = call.objects[row.entry];
      }
      made.spelled.emplace(call.path, call.checkpoint);
    });
  }
  if (!problems.empty()) throw error(std::move(problems));
  return made;
}

}  // namespace warmstart::detail::cli
