#pragma once

#include <string_view>

namespace warmstart::detail {

// Names of the formats that are not in `file_formats`, which lists those of single files.

inline constexpr std::string_view TENSOR_BUNDLE = "tensor_bundle";  ///< TensorFlow's V2
inline constexpr std::string_view TENSOR_SLICES = "tensor_slices";  ///< TensorFlow's V1
inline constexpr std::string_view DCP = "dcp";

}  // namespace warmstart::detail
