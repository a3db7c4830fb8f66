#pragma once

#include <cstdint>

#include "model/catalog.hpp"
#include "warmstart/checkpoint.hpp"

namespace warmstart::detail {

/// Elements of the tensor that no slice stores; none of a damaged one, whose slices cannot be
/// counted.
[[nodiscard]] std::int64_t unstored_elements(const catalog_tensor& tensor);

/// What there is to tell of a tensor of a catalog.
[[nodiscard]] tensor_info describe_tensor(const catalog& in, const catalog_tensor& tensor);

}  // namespace warmstart::detail
