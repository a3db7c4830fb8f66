#include "resolve/resolve.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "model/variable_index.hpp"
#include "resolve/fit.hpp"
#include "resolve/pattern_hits.hpp"
#include "resolve/suggestions.hpp"
#include "resolve/tensor_lookup.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using row_list = variable_index::row_list;
using row_span = std::span<const std::uint32_t>;

/// Resolves the entries of one call.
class resolver {
 public:
  resolver(const variable_index& variables, const catalog& source, std::uint32_t checkpoint,
           const resolve_options& options)
      : index_(variables),
        rows_(variables.rows()),
        source_(source),
        checkpoint_(checkpoint),
        options_(options),
        tensors_(source),
        suggest_(index_, source) {
    for (const std::string& name : options.except) leave_out(name);
  }

  void add(const resolve_entry& entry) {
    entry_ = &entry;
    if (const auto* name = std::get_if<std::string>(&entry.target)) {
      add_named(entry.tensor, *name);
    } else if (const auto* names = std::get_if<std::vector<std::string>>(&entry.target)) {
      add_names(entry.tensor, *names);
    } else {
      const auto& numbers = std::get<row_list>(entry.target);
      add_rows(entry.tensor, numbers, entry.is_list ? row_role::slices : role_of(numbers));
    }
  }

  resolution result() {
    if (!problems_.empty()) throw error(std::move(problems_));
    resolution made;
    sort_by_row();
    for (std::size_t i = 0; i < assigned_.size(); ++i) {
      const bool overridden = i + 1 < assigned_.size() &&
                              assigned_[i + 1].assignment.row == assigned_[i].assignment.row;
      if (overridden) continue;
      made.entries.push_back(assigned_[i].entry);
      made.assignments.push_back(std::move(assigned_[i].assignment));
    }
    for (auto& [row, why] : kept_) {
      const auto place = std::lower_bound(
          made.assignments.begin(), made.assignments.end(), row,
          [](const assignment& one, std::uint32_t wanted) { return one.row < wanted; });
      if (place != made.assignments.end() && place->row == row) continue;
      made.kept.push_back(row);
      made.kept_why.push_back(std::move(why));
    }
    for (const tensor_alias* one : ambiguous_) made.ambiguous.push_back(*one);
    return made;
  }

 private:
  /// The assignment of a row by an entry.
  struct entry_assignment {
    detail::assignment assignment;
    std::uint32_t entry = 0;  ///< number of the entry
  };

  // Excludes a variable or all variables of a scope. Parts cannot be excluded.
  void leave_out(const std::string& name) {
    const bool is_scope = name.ends_with('/');
    std::vector<std::string_view> found;
    if (is_scope) {
      for (const auto& one : index_.variables_in(name.substr(0, name.size() - 1))) {
        found.push_back(one.name);
      }
    } else if (const auto one = index_.find_exactly(name);
               one && rows_[one->rows.front()].full_name == name) {
      found.push_back(one->name);
    }
    left_out_.insert(found.begin(), found.end());
    if (!found.empty()) return;
    complain(error_code::not_found, name, "",
             "'except': there is no variable " + std::string(is_scope ? "in scope " : "") + name +
                 (is_scope ? suggest_.scope(name) : suggest_.variable(name)));
  }

  [[nodiscard]] bool is_left_out(std::string_view variable) const {
    return left_out_.contains(variable);
  }

  // Stable: the last assignment of a row stays last and wins.
  void sort_by_row() {
    const auto before = [](const entry_assignment& a, const entry_assignment& b) {
      return a.assignment.row < b.assignment.row;
    };
    if (std::is_sorted(assigned_.begin(), assigned_.end(), before)) return;
    std::stable_sort(assigned_.begin(), assigned_.end(), before);
  }

  // One of several parts that is named alone is treated like an unpartitioned variable.
  row_role role_of(row_span numbers) const {
    if (numbers.empty() || !rows_[numbers.front()].partitioned) return row_role::slices;
    const variable_info& first = rows_[numbers.front()];
    const bool alone = std::all_of(numbers.begin(), numbers.end(), [&](std::uint32_t row) {
      return rows_[row].part == first.part;
    });
    const bool only = numbers.size() == index_.find_exactly(first.full_name)->rows.size();
    return alone && !only ? row_role::whole : row_role::slices;
  }

  void add_named(const std::string& tensor, const std::string& name) {
    if (const auto found = index_.find(name)) {
      add_rows(tensor, found->rows, role_of(found->rows));
    } else if (tensor.ends_with('/')) {
      if (name_pattern(name).is_literal()) {
        add_scope(tensor, name);
      } else {
        add_pattern(tensor, name.ends_with('/') ? name : name + '/');
      }
    } else if (name.empty() || name.ends_with('/')) {
      complain(error_code::invalid_argument, name, tensor,
               "'" + name + "' is a scope, so its tensor must be a scope too: '" + tensor +
                   "/' instead of '" + tensor + "'" +
                   (name.empty() ? "" : suggest_.variable(name)));
    } else if (!name_pattern(name).is_literal()) {
      add_pattern(tensor, name);
    } else if (!index_.variables_in(name).empty()) {
      complain(error_code::not_found, name, tensor,
               "there is no variable " + name + ", but a scope: map '" + tensor + "/' to '" + name +
                   "/' for all of its variables");
    } else {
      complain(error_code::not_found, name, tensor,
               "there is no variable " + name + suggest_.variable(name));
    }
  }

  void add_names(const std::string& tensor, const std::vector<std::string>& names) {
    row_list all;
    bool complete = true;
    for (const std::string& name : names) {
      if (const auto found = index_.find(name)) {
        all.insert(all.end(), found->rows.begin(), found->rows.end());
        continue;
      }
      complete = false;
      complain(error_code::not_found, name, tensor,
               "there is no variable or part " + name + suggest_.variable(name));
    }
    if (complete) add_rows(tensor, all, row_role::slices);
  }

  void add_rows(const std::string& tensor, row_span numbers, row_role role) {
    if (entry_->is_list && !check_list(tensor, numbers)) return;
    const catalog_tensor* found = tensors_.find(tensor);
    if (found == nullptr) {
      if (!keep(numbers)) complain_missing(tensor, numbers, "");
      return;
    }
    for (const std::uint32_t row : numbers) {
      const variable_info& first = rows_[numbers.front()];
      if (rows_[row].variable == first.variable) continue;
      complain(error_code::invalid_argument, rows_[row].name, tensor,
               "the parts in a list must belong to one variable: found parts of " +
                   first.full_name + " and " + rows_[row].full_name);
      return;
    }
    assign(tensor, *found, numbers, role);
  }

  // Reports a part that is listed twice.
  bool check_list(const std::string& tensor, row_span numbers) {
    std::set<std::uint32_t> known;
    for (const std::uint32_t row : numbers) {
      if (known.insert(row).second) continue;
      complain(error_code::invalid_argument, rows_[row].name, tensor,
               rows_[row].name + " occurs twice in the list of parts for tensor " + tensor);
      return false;
    }
    return true;
  }

  // Each variable of scope S takes the tensor whose name has the tensors' scope in place of `S/`.
  void add_scope(const std::string& tensor_scope, const std::string& target) {
    const std::string scope = target.ends_with('/') ? target.substr(0, target.size() - 1) : target;
    const auto variables = index_.variables_in(scope);
    if (variables.empty()) {
      if (options_.allow_empty_scope) return;
      complain(error_code::not_found, target, tensor_scope,
               "there is no variable in scope " + scope + '/' + suggest_.scope(scope + '/'));
      return;
    }
    const std::string prefix = tensor_scope == "/" ? "" : tensor_scope;
    const bool any = source_.has_names_in(prefix);
    for (const auto& [name, numbers, partitioned] : variables) {
      if (is_left_out(name)) continue;
      const std::string_view inner =
          scope.empty() ? name : name.substr(std::min(name.size(), scope.size() + 1));
      std::string tensor = prefix + std::string(inner);
      if (tensor.ends_with('/')) tensor.pop_back();
      if (const catalog_tensor* found = tensors_.find(tensor)) {
        assign(tensor, *found, numbers, row_role::slices);
        continue;
      }
      // A tensor scope without any tensor is always an error.
      if (any && keep(numbers)) continue;
      complain_missing(tensor, numbers, " for variable " + std::string(name));
    }
  }

  // Each variable that matches the target takes the tensor whose name has the same words.
  void add_pattern(const std::string& tensor, const std::string& target) {
    const name_pattern to(target.ends_with(":0") ? target.substr(0, target.size() - 2) : target);
    // A literal match takes precedence.
    const bool literal = tensors_.find(tensor) != nullptr;
    const name_pattern from = literal ? name_pattern::literal(tensor) : name_pattern(tensor);
    if (const auto unbound = from.word_not_in(to)) {
      complain(error_code::invalid_argument, target, tensor,
               "{" + *unbound + "} in " + tensor + " has no value: " + target +
                   " has no such placeholder");
      return;
    }
    const std::vector<pattern_hit> hits = find_pattern_hits(index_, from, to);
    if (hits.empty() && !options_.allow_empty_scope) {
      complain(error_code::not_found, target, tensor,
               "there is no variable that matches " + target);
    }
    const bool any = literal || has_tensors_like(source_, tensor);
    for (const pattern_hit& hit : hits) {
      if (!is_left_out(hit.variable.name)) add_hit(hit, any, tensor, target);
    }
  }

  void add_hit(const pattern_hit& hit, bool any, const std::string& tensor,
               const std::string& target) {
    std::set<const catalog_tensor*> found;
    const std::string* spelled = nullptr;
    for (const std::string& name : hit.tensors) {
      const catalog_tensor* one = tensors_.find(name);
      if (one != nullptr && found.insert(one).second) spelled = &name;
    }
    const std::string variable(hit.variable.name);
    if (found.size() == 1) {
      assign(*spelled, **found.begin(), hit.variable.rows, row_role::slices);
    } else if (found.size() > 1 || hit.tensors.empty()) {
      complain(error_code::invalid_argument, variable, tensor,
               "variable " + variable + " matches " + target +
                   " in more than one way, so its tensor is ambiguous");
    } else if (!any || !keep(hit.variable.rows)) {
      complain_missing(hit.tensors.front(), hit.variable.rows, " for variable " + variable);
    }
  }

  // Leaves rows whose tensor is missing unchanged, if the options allow it.
  bool keep(row_span numbers) {
    if (!options_.keep_missing) return false;
    for (const std::uint32_t row : numbers) kept_[row].clear();
    return true;
  }

  void complain_missing(const std::string& tensor, row_span numbers, const std::string& whose) {
    const std::vector<std::string> rivals = source_.find_rivals(tensor);
    std::string rest = rivals.empty() ? suggest_.tensor(tensor)
                                      : "; with '.' and '/' treated as equal it could be";
    for (const std::string& one : rivals) rest += (&one == rivals.data() ? " " : " or ") + one;
    complain(error_code::not_found, numbers.empty() ? "" : rows_[numbers.front()].full_name, tensor,
             "tensor " + tensor + whose + " is not found in " + source_.path + rest);
  }

  // `spelled` is the name by which the tensor was found.
  void assign(const std::string& spelled, const catalog_tensor& tensor, row_span numbers,
              row_role role) {
    if (numbers.empty()) return;
    const tensor_alias* shared = tensors_.find_shared(spelled);
    if (shared != nullptr) ambiguous_.insert(shared);
    infos_.clear();
    for (const std::uint32_t row : numbers) infos_.push_back(&rows_[row]);
    tensor_fit fit = find_fit(
        infos_, tensor, source_,
        {.role = role, .cast = entry_->cast.value_or(options_.cast), .steps = &entry_->steps});
    if (auto& misfit = fit.misfit) {
      if (fit.differs && options_.keep_mismatched) {
        for (const std::uint32_t row : numbers) kept_[row] = misfit->message;
        return;
      }
      if (shared != nullptr) {
        misfit->message += "; " + std::to_string(shared->ambiguous_with) +
                           " other tensors have the name " + shared->name +
                           "; use the key of the one you mean";
      }
      problems_.push_back(std::move(*misfit));
      return;
    }
    for (const std::uint32_t row : numbers) {
      assigned_.push_back({.assignment = {.row = row,
                                          .checkpoint = checkpoint_,
                                          .tensor = source_.index_of(tensor),
                                          .wanted = wanted_slice(rows_[row], role),
                                          .view = fit.view},
                           .entry = entry_->number});
    }
  }

  void complain(error_code code, const std::string& variable, const std::string& tensor,
                const std::string& message) {
    problems_.push_back({.code = code, .message = message, .variable = variable, .tensor = tensor});
  }

  const variable_index& index_;
  std::span<const variable_info> rows_;
  const catalog& source_;
  std::uint32_t checkpoint_;
  const resolve_options& options_;
  tensor_lookup tensors_;
  suggestions suggest_;
  std::vector<entry_assignment> assigned_;
  const resolve_entry* entry_ = nullptr;       ///< current entry
  std::set<std::string_view> left_out_;        ///< full names, as views into the index
  std::map<std::uint32_t, std::string> kept_;  ///< row → why its tensor does not fit
  std::set<const tensor_alias*> ambiguous_;
  std::vector<problem> problems_;
  std::vector<const variable_info*> infos_;  ///< kept to reuse its memory
};

}  // namespace

resolution resolve(const variable_index& variables, const catalog& source, std::uint32_t checkpoint,
                   std::vector<resolve_entry> entries, const resolve_options& options) {
  std::stable_sort(
      entries.begin(), entries.end(),
      [](const resolve_entry& a, const resolve_entry& b) { return a.tensor < b.tensor; });
  resolver work(variables, source, checkpoint, options);
  for (const resolve_entry& entry : entries) work.add(entry);
  return work.result();
}

}  // namespace warmstart::detail
