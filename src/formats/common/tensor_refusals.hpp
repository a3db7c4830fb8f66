#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/catalog.hpp"
#include "warmstart/error.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

// Why a tensor that is listed cannot be loaded. The first reason stays: later ones follow from it.

void refuse(catalog_tensor& tensor, std::string reason, error_code code = error_code::corrupt);
/// If variables cannot have its dtype. `where` is at the front.
void refuse_type(catalog_tensor& tensor, const std::string& where);
/// If some of its slices, all explicit, have elements in common. Likewise.
void refuse_overlaps(catalog_tensor& tensor, std::span<const slice> slices,
                     const std::string& where);
/// If its pieces overlap or leave gaps. Likewise.
void refuse_incomplete(catalog_tensor& tensor, std::span<const slice> slices,
                       const std::string& where);

/// A name for messages: printable, shortened.
[[nodiscard]] std::string in_quotes(std::string_view name);

}  // namespace warmstart::detail
