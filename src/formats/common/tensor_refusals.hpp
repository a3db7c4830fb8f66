#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/catalog.hpp"
#include "warmstart/error.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

// Marks a listed tensor as one that cannot be loaded. Only the first reason is kept: later ones are
// usually its consequences.

void refuse(catalog_tensor& tensor, std::string reason, error_code code = error_code::corrupt);
/// If variables cannot have its dtype. `where` begins the message.
void refuse_type(catalog_tensor& tensor, const std::string& where);
/// If some of its slices overlap; all slices are explicit. `where`: as above.
void refuse_overlaps(catalog_tensor& tensor, std::span<const slice> slices,
                     const std::string& where);
/// If its slices overlap or leave gaps. `where`: as above.
void refuse_incomplete(catalog_tensor& tensor, std::span<const slice> slices,
                       const std::string& where);

/// A name in quotes for messages: printable, at most 200 bytes of it.
[[nodiscard]] std::string in_quotes(std::string_view name);

}  // namespace warmstart::detail
