#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/catalog.hpp"
#include "model/variable_info.hpp"
#include "model/view.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

/// How rows of one variable take their values from a tensor.
enum class row_role {
  slices,  ///< each row takes its own slice of the full variable
  whole,   ///< each row takes the whole tensor, like an unpartitioned variable
};

/// How an entry assigns a tensor to rows.
struct row_use {
  row_role role = row_role::slices;
  bool cast = false;
  const view_steps* steps = nullptr;
};

/// Whether a tensor can initialize rows of one variable: the reason why not, or the view to use
/// (null: none).
struct tensor_fit {
  std::optional<problem> misfit;
  bool differs = false;  ///< the misfit concerns shape or dtype
  std::shared_ptr<const detail::view> view;
};

/// The box of the tensor or of the view that a row takes.
[[nodiscard]] slice wanted_slice(const variable_info& row, row_role role);

[[nodiscard]] tensor_fit find_fit(std::span<const variable_info* const> rows,
                                  const catalog_tensor& tensor, const catalog& source,
                                  const row_use& use);

}  // namespace warmstart::detail
