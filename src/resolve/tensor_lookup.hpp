#pragma once

#include <string_view>

#include "core/catalog.hpp"

namespace warmstart {

/// Finds tensors by what a map says: any name of theirs, and `:0` at its end, which counts only
/// where a tensor's name has it. Refers to the catalog.
class tensor_lookup {
 public:
  explicit tensor_lookup(const catalog& source) : source_(source) {}

  [[nodiscard]] const catalog_tensor* find(std::string_view spelled) const {
    return source_.find(name_in(spelled));
  }
  /// What leads to the tensor, if others have that name, too; else null.
  [[nodiscard]] const tensor_alias* find_shared(std::string_view spelled) const {
    const tensor_alias* alias = source_.find_alias(name_in(spelled));
    return alias != nullptr && alias->rivals > 0 ? alias : nullptr;
  }

 private:
  [[nodiscard]] std::string_view name_in(std::string_view spelled) const {
    if (!spelled.ends_with(":0") || source_.find(spelled) != nullptr) return spelled;
    return spelled.substr(0, spelled.size() - 2);
  }

  const catalog& source_;
};

}  // namespace warmstart
