#include "cli/map_proposal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "cli/name_words.hpp"

namespace warmstart::detail::cli {
namespace {

// Names that are less alike do not lead to a proposal.
constexpr double MIN_LIKENESS = 0.5;
constexpr std::size_t NONE = SIZE_MAX;

const std::string& name_of_variable(const tensor_info& tensor) {
  return tensor.full_name.empty() || !tensor.shadowed_by.empty() ? tensor.name : tensor.full_name;
}

bool is_transpose(const shape& a, const shape& b) {
  return a.rank() == 2 && b.rank() == 2 && a[0] == b[1] && a[1] == b[0];
}

/// The last word of a name, such as `kernel` or `weight`.
std::string_view last_part(std::string_view name) {
  return name.substr(name.find_last_of("/.") + 1);
}

class matcher {
 public:
  matcher(std::span<const tensor_info> tensors, std::span<const map_target> targets)
      : tensors_(tensors),
        targets_(targets),
        tensor_of_(targets.size(), NONE),
        used_(tensors.size()) {}

  map_proposal propose() {
    match_names();
    match_words();
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (tensor_of_[i] != NONE) add_entry(i);
    }
    settle_squares();
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      if (!used_[i]) proposal_.unused.push_back(name_of_variable(tensors_[i]));
    }
    return std::move(proposal_);
  }

 private:
  /// Targets and tensors that could match: their names have the same numbers, and their shapes are
  /// equal or transposed.
  struct group {
    std::vector<std::size_t> targets;
    std::vector<std::size_t> tensors;
  };
  using group_key = std::pair<std::vector<std::int64_t>, std::vector<std::string>>;

  void pair(std::size_t target, std::size_t tensor) {
    tensor_of_[target] = tensor;
    used_[tensor] = true;
  }

  void match_names() {
    std::multimap<std::string, std::size_t> by_name;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      if (!tensors_[i].refusal.empty()) continue;
      by_name.emplace(plain_name(name_of_variable(tensors_[i])), i);
    }
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      const auto [first, last] = by_name.equal_range(plain_name(targets_[i].name));
      if (first == last || std::next(first) != last) continue;
      const tensor_info& tensor = tensors_[first->second];
      if (tensor.full_shape == targets_[i].shape) {
        if (!used_[first->second]) pair(i, first->second);
      } else {
        ask(i, {first->second},
            fmt::format("its name, but the shape {} instead of {}", to_string(tensor.full_shape),
                        to_string(targets_[i].shape)));
      }
    }
  }

  void match_words() {
    std::map<group_key, group> groups;
    const auto key_of = [](std::string_view name, const shape& of) {
      std::vector<std::int64_t> sizes = of.sizes();
      if (sizes.size() == 2) std::sort(sizes.begin(), sizes.end());
      return group_key(std::move(sizes), name_words(name).numbers);
    };
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (tensor_of_[i] != NONE || asked_.contains(i)) continue;
      groups[key_of(targets_[i].name, targets_[i].shape)].targets.push_back(i);
    }
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      const tensor_info& tensor = tensors_[i];
      if (used_[i] || !tensor.refusal.empty() || tensor.slot) continue;
      const auto found = groups.find(key_of(name_of_variable(tensor), tensor.full_shape));
      if (found != groups.end()) found->second.tensors.push_back(i);
    }
    for (auto& [key, one] : groups) match_group(one);
  }

  // Repeatedly pairs targets and tensors that are each other's only best match. The rest become
  // questions.
  void match_group(group& of) {
    while (pair_some(of)) {
    }
    for (const std::size_t target : of.targets) {
      if (of.tensors.empty()) {
        proposal_.unmatched.push_back(targets_[target].name);
        continue;
      }
      const double most = best(target, of.tensors).likeness;
      std::vector<std::size_t> candidates;
      for (const std::size_t tensor : of.tensors) {
        if (likeness_of(target, tensor) == most) candidates.push_back(tensor);
      }
      ask(target, candidates,
          most < MIN_LIKENESS     ? "its shape, but few words of its name"
          : candidates.size() > 1 ? "as much of its name as the others"
                                  : "most of its name, but is equally similar to another variable");
    }
  }

  bool pair_some(group& of) {
    const std::size_t before = of.targets.size();
    for (const std::size_t target : std::vector(of.targets)) {
      const likeliest found = best(target, of.tensors);
      if (found.tensor == NONE || found.likeness < MIN_LIKENESS) continue;
      const bool alone = std::none_of(of.targets.begin(), of.targets.end(), [&](std::size_t other) {
        return other != target && likeness_of(other, found.tensor) >= found.likeness;
      });
      if (!alone) continue;
      pair(target, found.tensor);
      std::erase(of.targets, target);
      std::erase(of.tensors, found.tensor);
    }
    return of.targets.size() < before;
  }

  /// The highest likeness and its tensor; NONE if several tensors have it.
  struct likeliest {
    double likeness = -1;
    std::size_t tensor = NONE;
  };
  [[nodiscard]] likeliest best(std::size_t target, const std::vector<std::size_t>& tensors) {
    likeliest found;
    for (const std::size_t tensor : tensors) {
      const double here = likeness_of(target, tensor);
      if (here > found.likeness) {
        found = {.likeness = here, .tensor = tensor};
      } else if (here == found.likeness) {
        found.tensor = NONE;
      }
    }
    return found;
  }

  double likeness_of(std::size_t target, std::size_t tensor) {
    const auto [known, fresh] = likeness_.try_emplace({target, tensor}, 0);
    if (fresh) {
      known->second = likeness(name_words(targets_[target].name),
                               name_words(name_of_variable(tensors_[tensor])));
    }
    return known->second;
  }

  void ask(std::size_t target, const std::vector<std::size_t>& tensors, std::string why) {
    open_question made{.target = targets_[target].name, .tensors = {}, .reason = std::move(why)};
    for (const std::size_t one : tensors) made.tensors.push_back(name_of_variable(tensors_[one]));
    proposal_.questions.push_back(std::move(made));
    asked_.insert(target);
  }

  void add_entry(std::size_t i) {
    const tensor_info& tensor = tensors_[tensor_of_[i]];
    proposal_.entries.push_back({.tensor = name_of_variable(tensor),
                                 .target = targets_[i].name,
                                 .transposed = tensor.full_shape != targets_[i].shape,
                                 .cast = tensor.type != targets_[i].type});
    proposed_.push_back(i);
  }

  // The shape of a square matrix does not show whether it is transposed. Decides by other matrices
  // with the same last words, if they agree.
  void settle_squares() {
    using kind = std::pair<std::string_view, std::string_view>;
    const auto kind_of = [](const proposed_entry& entry) {
      return kind(last_part(entry.tensor), last_part(entry.target));
    };
    std::map<kind, std::set<bool>> seen;
    for (std::size_t i = 0; i < proposed_.size(); ++i) {
      const shape& of = targets_[proposed_[i]].shape;
      if (of.rank() == 2 && of[0] != of[1]) {
        seen[kind_of(proposal_.entries[i])].insert(proposal_.entries[i].transposed);
      }
    }
    for (std::size_t i = 0; i < proposed_.size(); ++i) {
      const shape& of = targets_[proposed_[i]].shape;
      proposed_entry& entry = proposal_.entries[i];
      if (!is_transpose(of, of) || of[0] < 2) continue;
      const auto [from, to] = kind_of(entry);
      const std::set<bool> others = seen[{from, to}];
      if (from == to && !others.contains(true)) continue;
      entry.transposed = others == std::set<bool>{true};
      entry.doubt = fmt::format("square, so its shape does not show whether it is transposed; {}",
                                others.size() == 1 ? entry.transposed ? "others of its kind are"
                                                                      : "others of its kind are not"
                                                   : "others of its kind do not show it either");
    }
  }

  std::span<const tensor_info> tensors_;
  std::span<const map_target> targets_;
  std::vector<std::size_t> tensor_of_;  ///< by target
  std::vector<bool> used_;              ///< by tensor
  std::set<std::size_t> asked_;         ///< targets with a question
  std::map<std::pair<std::size_t, std::size_t>, double> likeness_;
  std::vector<std::size_t> proposed_;  ///< targets of the entries
  map_proposal proposal_;
};

}  // namespace

map_proposal propose_map(std::span<const tensor_info> tensors,
                         std::span<const map_target> targets) {
  return matcher(tensors, targets).propose();
}

}  // namespace warmstart::detail::cli
