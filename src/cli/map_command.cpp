#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/job.hpp"
#include "cli/kind_of_file.hpp"
#include "cli/map_proposal.hpp"
#include "cli/output.hpp"

namespace warmstart::detail::cli {
namespace {

std::vector<map_target> targets_of(const std::string& path) {
  std::vector<map_target> targets;
  const bool is_job_name = path.ends_with(".json") && !path.ends_with(".index.json");
  if (path == STANDARD_INPUT || is_job_name) {
    for (job_variable& one : read_job(path).variables) {
      targets.push_back(
          {.name = std::move(one.name), .type = one.options.type, .shape = std::move(one.shape)});
    }
    return targets;
  }
  for (const tensor_info& one : checkpoint::open(path).tensors()) {
    if (!one.refusal.empty()) continue;
    targets.push_back({.name = one.name, .type = one.type, .shape = one.full_shape});
  }
  return targets;
}

nlohmann::ordered_json entry_value(const proposed_entry& entry) {
  if (!entry.transposed && !entry.cast) return entry.target;
  nlohmann::ordered_json value = {{"to", entry.target}};
  if (entry.transposed) value["transpose"] = {1, 0};
  if (entry.cast) value["cast"] = true;
  return value;
}

nlohmann::ordered_json map_json(const map_proposal& proposal) {
  nlohmann::ordered_json map = nlohmann::ordered_json::object();
  for (const proposed_entry& entry : proposal.entries) map[entry.tensor] = entry_value(entry);
  return map;
}

nlohmann::ordered_json proposal_json(const map_proposal& proposal) {
  nlohmann::ordered_json answer = {{"status", "ok"},
                                   {"assignment_map", map_json(proposal)},
                                   {"doubts", nlohmann::ordered_json::array()},
                                   {"questions", nlohmann::ordered_json::array()},
                                   {"unmatched", proposal.unmatched},
                                   {"unused_tensors", proposal.unused}};
  for (const proposed_entry& entry : proposal.entries) {
    if (entry.doubt.empty()) continue;
    answer["doubts"].push_back({{"variable", entry.target}, {"why", entry.doubt}});
  }
  for (const open_question& one : proposal.questions) {
    answer["questions"].push_back(
        {{"variable", one.target}, {"tensors", one.tensors}, {"why", one.reason}});
  }
  return answer;
}

std::string proposal_text(const map_proposal& proposal, std::size_t targets) {
  using handler = nlohmann::ordered_json::error_handler_t;
  std::string text = map_json(proposal).dump(2, ' ', false, handler::replace) + "\n";
  for (const proposed_entry& entry : proposal.entries) {
    if (entry.doubt.empty()) continue;
    text += fmt::format("\ncheck {}: {}", printable(entry.target), entry.doubt);
  }
  for (const open_question& one : proposal.questions) {
    text += fmt::format("\nnot proposed: {}", printable(one.target));
    for (const std::string& tensor : one.tensors) {
      text += fmt::format("\n  {} has {}", printable(tensor), one.reason);
    }
  }
  for (const std::string& one : proposal.unmatched) {
    text += fmt::format("\nno tensor for {}", printable(one));
  }
  for (const std::string& one : proposal.unused)
    text += fmt::format("\nunused: {}", printable(one));
  return text + fmt::format("\n{} of {} proposed\n", proposal.entries.size(),
                            counted(targets, "variable"));
}

}  // namespace

int map_command(const std::string& path, const std::string& target_path, bool json,
                std::FILE* out) {
  const std::vector<tensor_info> tensors = open_checkpoint(path).tensors();
  const std::vector<map_target> targets = targets_of(target_path);
  const map_proposal proposal = propose_map(tensors, targets);
  if (json) {
    write_json(out, proposal_json(proposal));
  } else {
    write(out, proposal_text(proposal, targets.size()));
  }
  return EXIT_DONE;
}

}  // namespace warmstart::detail::cli
