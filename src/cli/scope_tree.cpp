#include "cli/scope_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/checked.hpp"
#include "base/human_bytes.hpp"
#include "base/printable.hpp"
#include "base/text_table.hpp"

namespace warmstart::detail::cli {
namespace {

/// Prints sorted tensors, so that the tensors of a scope follow each other.
class tree_printer {
 public:
  tree_printer(char separator, int depth) : separator_(separator), depth_(depth) {}

  // `prefix`: the length of a scope's name that all names begin with.
  void add(std::span<const tensor_info> tensors, std::size_t prefix, int level) {
    while (!tensors.empty()) {
      const std::string& name = tensors.front().name;
      const std::size_t end = name.find(separator_, prefix);
      if (end == std::string::npos) {
        add_tensor(tensors.front(), prefix, level);
        tensors = tensors.subspan(1);
        continue;
      }
      const auto inside = first_in(tensors, std::string_view(name).substr(0, end + 1));
      add_scope(inside, prefix, level);
      tensors = tensors.subspan(inside.size());
    }
  }
  [[nodiscard]] std::string str() const { return table_.str(); }

 private:
  [[nodiscard]] static std::span<const tensor_info> first_in(std::span<const tensor_info> tensors,
                                                             std::string_view scope) {
    const auto end = std::find_if(tensors.begin(), tensors.end(), [&](const tensor_info& one) {
      return !one.name.starts_with(scope);
    });
    return tensors.first(static_cast<std::size_t>(end - tensors.begin()));
  }

  void add_scope(std::span<const tensor_info> inside, std::size_t prefix, int level) {
    // Join nested scopes while they contain all of these tensors.
    std::size_t end = prefix;
    for (std::size_t next = end;;) {
      next = inside.front().name.find(separator_, next);
      if (next == std::string::npos) break;
      ++next;
      const auto scope = std::string_view(inside.front().name).substr(0, next);
      if (!inside.back().name.starts_with(scope)) break;
      end = next;
    }
    std::int64_t bytes = 0;
    for (const tensor_info& one : inside) bytes = saturating_add(bytes, one.size_bytes);
    add_row(level, inside.front().name.substr(prefix, end - prefix),
            {fmt::to_string(inside.size()), "", "", human_bytes(bytes)});
    if (depth_ == 0 || level + 1 < depth_) add(inside, end, level + 1);
  }

  void add_tensor(const tensor_info& one, std::size_t prefix, int level) {
    const bool known = one.type != dtype::invalid;
    add_row(level, one.name.substr(prefix),
            {"", known ? std::string(name_of(one.type)) : "unknown", to_string(one.full_shape),
             human_bytes(one.size_bytes)});
  }

  void add_row(int level, const std::string& name, std::vector<std::string> columns) {
    columns.insert(columns.begin(),
                   std::string(2 * static_cast<std::size_t>(level), ' ') + printable(name));
    table_.add(std::move(columns));
  }

  char separator_;
  int depth_;
  text_table table_{{"scope", "tensors", "dtype", "shape", "bytes"}, {1, 4}};
};

}  // namespace

std::string scope_tree(std::span<const tensor_info> tensors, int depth) {
  const bool slashes = std::any_of(tensors.begin(), tensors.end(), [](const tensor_info& one) {
    return one.name.find('/') != std::string::npos;
  });
  tree_printer printer(slashes ? '/' : '.', depth);
  printer.add(tensors, 0, 0);
  return printer.str();
}

}  // namespace warmstart::detail::cli
