#include "warmstart/init_from_checkpoint.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "api/assign.hpp"
#include "base/boundary.hpp"
#include "io/file.hpp"
#include "load/checkpoint_access.hpp"
#include "load/open_once.hpp"
#include "load/transform_steps.hpp"
#include "model/catalog.hpp"
#include "resolve/resolve.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/error.hpp"

namespace warmstart {

using namespace detail;

namespace {

/// Appends the rows of a map's target: a variable or a part of one.
void append_rows(const store_state& store, const variable& v, std::vector<std::uint32_t>& into) {
  const auto part = variable_access::part(v);
  for (const std::uint32_t row : rows_in(store, v)) {
    if (!part || store.index.rows()[row].part == static_cast<std::uint32_t>(*part)) {
      into.push_back(row);
    }
  }
}

resolve_entry to_resolve_entry(const assignment_entry& entry, const store_state& store) {
  resolve_entry made{.tensor = entry.tensor,
                     .target = std::string(),
                     .is_list = false,
                     .steps = to_view_steps(entry.transform),
                     .cast = entry.transform.cast};
  if (const auto* name = std::get_if<std::string>(&entry.target)) {
    made.target = *name;
  } else if (const auto* names = std::get_if<std::vector<std::string>>(&entry.target)) {
    made.target = *names;
    made.is_list = true;
  } else {
    std::vector<std::uint32_t> numbers;
    if (const auto* one = std::get_if<variable>(&entry.target)) {
      append_rows(store, *one, numbers);
    } else {
      made.is_list = true;
      for (const variable& part : std::get<std::vector<variable>>(entry.target)) {
        append_rows(store, part, numbers);
      }
    }
    made.target = std::move(numbers);
  }
  return made;
}

resolution resolve_map(const assignment_map& map, const store_state& store, const catalog& source,
                       const init_options& options) {
  // Collect the problems of all entries, so that one error reports them all.
  std::vector<problem> problems;
  const auto collect = [&](const auto& step) {
    try {
      step();
    } catch (const error& bad) {
      problems.insert(problems.end(), bad.problems().begin(), bad.problems().end());
    }
  };
  std::vector<resolve_entry> entries;
  for (std::uint32_t i = 0; i < map.entries().size(); ++i) {
    collect([&] {
      entries.push_back(to_resolve_entry(map.entries()[i], store));
      entries.back().number = i;
    });
  }
  resolution resolved;
  collect([&] {
    resolved =
        resolve(store.index, source, 0, std::move(entries),
                {.keep_missing = options.missing == init_options::missing_tensor::keep,
                 .keep_mismatched = options.mismatched == init_options::mismatched_tensor::keep,
                 .except = options.except,
                 .allow_empty_scope = options.allow_empty_scope,
                 .cast = options.cast});
  });
  if (!problems.empty()) throw error(std::move(problems));
  return resolved;
}

resolved_assignment describe(const assignment& one, const variable_info& info,
                             const catalog& source, const assignment_map& map, std::size_t entry) {
  return {.variable = info.name,
          .full_name = info.full_name,
          .part = info.partitioned ? std::optional<std::int64_t>(info.part) : std::nullopt,
          .device = info.placed_on,
          .tensor = source.tensors[one.tensor].name,
          .slice = one.wanted,
          .size_bytes = info.size_bytes(),
          .transform = to_string(map.entries()[entry].transform),
          .entry = entry};
}

}  // namespace

resolved_assignments detail::assign(store_state& state,
                                    const std::shared_ptr<const catalog>& source,
                                    const std::string& path, const assignment_map& map,
                                    const init_options& options) {
  const std::span<const variable_info> infos = state.index.rows();
  resolution resolved = resolve_map(map, state, *source, options);

  resolved_assignments answer;
  answer.checkpoint = path;
  std::vector<pending_load> loads;
  answer.rows.reserve(resolved.assignments.size());
  loads.reserve(resolved.assignments.size());
  for (std::size_t i = 0; i < resolved.assignments.size(); ++i) {
    const assignment& one = resolved.assignments[i];
    answer.rows.push_back(describe(one, infos[one.row], *source, map, resolved.entries[i]));
    loads.push_back({.source = source,
                     .checkpoint = path,
                     .tensor = one.tensor,
                     .wanted = one.wanted,
                     .view = one.view,
                     .transform = answer.rows.back().transform});
  }
  std::vector<std::string> kept_from(resolved.kept.size(), path);
  for (std::size_t i = 0; i < resolved.kept.size(); ++i) {
    const std::string& name = infos[resolved.kept[i]].name;
    if (!answer.kept.empty() && answer.kept.back().variable == name) continue;  // a replica
    answer.kept.push_back({.variable = name, .checkpoint = path, .reason = resolved.kept_why[i]});
  }
  for (const tensor_alias& one : resolved.ambiguous) {
    answer.ambiguous.push_back({.name = one.name,
                                .tensor = source->tensors[one.tensor].name,
                                .others = one.ambiguous_with});
  }
  state.opened.add(path, source);
  // Nothing below throws: a map is applied as a whole or not at all.
  for (std::size_t i = 0; i < loads.size(); ++i) {
    part_state& part = *state.rows[resolved.assignments[i].row].part;
    part.load = std::move(loads[i]);
    part.kept_from.clear();
    part.pending = true;
  }
  for (std::size_t i = 0; i < kept_from.size(); ++i) {
    part_state& part = *state.rows[resolved.kept[i]].part;
    part.kept_from = std::move(kept_from[i]);
    part.kept_why = std::move(resolved.kept_why[i]);
  }
  return answer;
}

resolved_assignments init_from_checkpoint(variable_store& store, const std::string& path,
                                          const assignment_map& map, const init_options& options) {
  return at_boundary([&] {
    store_state& state = variable_access::state(store);
    const auto source = open_once(options.files, state.opened, path, options.format);
    return detail::assign(state, source, path, map, options);
  });
}

resolved_assignments init_from_checkpoint(variable_store& store, const checkpoint& source,
                                          const assignment_map& map, const init_options& options) {
  return at_boundary([&] {
    if (!options.format.empty() || options.files) {
      throw error(error_code::invalid_argument,
                  "the checkpoint " + source.path() +
                      " is open: its format and files cannot be chosen any more");
    }
    return detail::assign(variable_access::state(store), checkpoint_access::contents(source),
                          source.path(), map, options);
  });
}

}  // namespace warmstart
