#include "formats/torch/value_names.hpp"

#include <cstdint>
#include <map>
#include <utility>

#include "base/file_problem.hpp"
#include "base/units.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

/// Walks the tree of values without recursion, whose depth a hostile file would choose.
class walker {
 public:
  walker(const pickle& in, const std::string& where)
      : in_(in),
        where_(where),
        on_path_(in.values.size(), false),
        // Enough for all real files: a tensor takes a few hundred bytes of a pickle.
        budget_(1 * mebibyte + 64 * std::ssize(in.values)) {}

  std::vector<named_value> walk(const std::string& root_name) {
    name_ = root_name;
    visit(in_.root);
    while (!open_.empty()) {
      container& last = open_.back();
      if (last.next == last.items.size()) {
        on_path_[last.node] = false;
        open_.pop_back();
        continue;
      }
      const auto& [key, value] = last.items[last.next++];
      name_.resize(last.name_bytes);
      name_ += (open_.size() > 1 ? "." : "") + key;
      visit(value);
    }
    return std::move(found_);
  }

 private:
  /// A container on the path from the root, with its items.
  struct container {
    pickle_node node = 0;
    std::size_t name_bytes = 0;
    std::vector<std::pair<std::string, pickle_node>> items;
    std::size_t next = 0;
  };

  void visit(pickle_node node) {
    const pickle_value& value = in_[node];
    if (value.is == pickle_kind::call) {
      spend(name_.size());
      found_.push_back({.name = name_, .value = node});
    } else if ((value.is == pickle_kind::dict || value.is == pickle_kind::list ||
                value.is == pickle_kind::tuple) &&
               !on_path_[node]) {
      if (open_.empty()) name_.clear();
      on_path_[node] = true;
      open_.push_back(
          {.node = node,
           .name_bytes = name_.size(),
           .items = value.is == pickle_kind::dict ? items_of_dict(value) : items_of(value)});
    }
  }

  void spend(std::size_t name_bytes) {
    constexpr std::int64_t OF_ITSELF = 64;
    budget_ -= OF_ITSELF + static_cast<std::int64_t>(name_bytes);
    if (budget_ >= 0) return;
    throw error(file_problem(error_code::unsupported, {where_},
                             "pickle: its values refer to each other in so many ways that they "
                             "cannot all be named"));
  }

  std::vector<std::pair<std::string, pickle_node>> items_of(const pickle_value& list) {
    std::vector<std::pair<std::string, pickle_node>> items;
    for (const pickle_node one : list.items) {
      spend(0);
      items.emplace_back(std::to_string(items.size()), one);
    }
    return items;
  }

  // If a key occurs several times, the last value counts.
  std::vector<std::pair<std::string, pickle_node>> items_of_dict(const pickle_value& dict) {
    std::map<std::pair<pickle_kind, std::string>, pickle_node> last;
    for (std::size_t i = 0; i < dict.items.size(); i += 2) {
      const pickle_value& key = in_[dict.items[i]];
      if (key.is != pickle_kind::text && key.is != pickle_kind::integer) continue;
      spend(key.text.size());
      last[{key.is, key.is == pickle_kind::text ? key.text : std::to_string(key.number)}] =
          dict.items[i + 1];
    }
    std::vector<std::pair<std::string, pickle_node>> items;
    items.reserve(last.size());
    for (const auto& [key, value] : last) items.emplace_back(key.second, value);
    return items;
  }

  const pickle& in_;
  const std::string& where_;
  std::vector<bool> on_path_;
  std::int64_t budget_;
  std::string name_;  ///< of the value that is visited
  std::vector<container> open_;
  std::vector<named_value> found_;
};

}  // namespace

std::vector<named_value> name_calls(const pickle& in, const std::string& root_name,
                                    const std::string& where) {
  return walker(in, where).walk(root_name);
}

}  // namespace warmstart::detail
