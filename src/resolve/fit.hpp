#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/catalog.hpp"
#include "core/variable_info.hpp"
#include "warmstart/error.hpp"

namespace warmstart {

/// How rows of one variable take their values from a tensor.
enum class row_role {
  slices,  ///< each row its own slice of the full variable
  whole,   ///< each row all of the tensor, as if it were no part of anything
};

/// The box of the tensor that a row wants.
[[nodiscard]] slice wanted_slice(const variable_info& row, const catalog_tensor& tensor,
                                 row_role role);

/// Why the tensor can not initialize these rows (of one variable), or nothing.
[[nodiscard]] std::optional<problem> find_misfit(std::span<const variable_info* const> rows,
                                                 const catalog_tensor& tensor,
                                                 const catalog& source, row_role role, bool cast);

}  // namespace warmstart
