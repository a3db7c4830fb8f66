#pragma once

#include <memory>

#include "core/catalog.hpp"
#include "warmstart/checkpoint.hpp"

namespace warmstart {

/// How the calls reach the catalog behind a public checkpoint.
class checkpoint_access {
 public:
  static const catalog& contents(const checkpoint& of) { return *of.catalog_; }
};

}  // namespace warmstart
