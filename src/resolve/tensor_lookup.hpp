#pragma once

#include <cstddef>
#include <string_view>

#include "model/catalog.hpp"

namespace warmstart::detail {

/// Finds tensors by the names in a map: any name of a tensor, with an optional `:0` at its end.
/// Keeps a reference to the catalog.
class tensor_lookup {
 public:
  explicit tensor_lookup(const catalog& source) : source_(source) {}

  [[nodiscard]] const catalog_tensor* find(std::string_view spelled) {
    // Variables of a scope are sorted like tensors, so the next tensor is the best guess.
    const bool guessed = next_ < source_.tensors.size() && source_.tensors[next_].name == spelled;
    const catalog_tensor* found =
        guessed ? &source_.tensors[next_] : source_.find(name_in(spelled));
    if (found != nullptr) next_ = source_.index_of(*found) + 1;
    return found;
  }
  /// The alias by which the tensor is found, if other tensors share it; else null.
  [[nodiscard]] const tensor_alias* find_shared(std::string_view spelled) const {
    if (source_.aliases.empty()) return nullptr;
    const tensor_alias* alias = source_.find_alias(name_in(spelled));
    return alias != nullptr && alias->ambiguous_with > 0 ? alias : nullptr;
  }

 private:
  [[nodiscard]] std::string_view name_in(std::string_view spelled) const {
    if (!spelled.ends_with(":0") || source_.find(spelled) != nullptr) return spelled;
    return spelled.substr(0, spelled.size() - 2);
  }

  const catalog& source_;
  std::size_t next_ = 0;
};

}  // namespace warmstart::detail
