#pragma once

#include <cstdint>
#include <vector>

#include "plan/transfer_plan.hpp"
#include "support/catalog_builder.hpp"

namespace warmstart::detail::test {

/// Each row from the tensor of the same position in `tensors`.
inline transfer_plan plan_of(const rows_builder& rows, const catalog& source,
                             const std::vector<std::uint32_t>& tensors,
                             const plan_options& options = {}) {
  std::vector<assignment> wanted;
  for (std::uint32_t row = 0; row < tensors.size(); ++row) {
    wanted.push_back({.row = row, .tensor = tensors[row], .wanted = rows.get()[row].slice});
  }
  const catalog* catalogs[] = {&source};
  return make_transfer_plan(rows.get(), wanted, catalogs, options);
}

}  // namespace warmstart::detail::test
