#pragma once

#include <memory>

#include "model/catalog.hpp"
#include "warmstart/checkpoint.hpp"

namespace warmstart::detail {

/// Gives the library access to the catalog of an open checkpoint.
class checkpoint_access {
 public:
  static const std::shared_ptr<const catalog>& contents(const checkpoint& of) noexcept {
    return of.catalog_;
  }
};

}  // namespace warmstart::detail
