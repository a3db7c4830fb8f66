#pragma once

#include <cstdint>

#include "model/catalog.hpp"
#include "warmstart/checkpoint.hpp"

namespace warmstart::detail {

/// The number of elements that no slice stores. 0 for a damaged tensor, whose slices cannot be
/// counted.
[[nodiscard]] std::int64_t unstored_elements(const catalog_tensor& tensor);

/// The public description of a catalog's tensor.
[[nodiscard]] tensor_info describe_tensor(const catalog& in, const catalog_tensor& tensor);

}  // namespace warmstart::detail
