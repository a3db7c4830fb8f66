#pragma once

#include <string_view>

#include "warmstart/export.hpp"

/// The version of these headers, for the preprocessor. Before 1.0.0 a new minor version may change
/// anything; a new patch version keeps source and binary compatibility.
#define WARMSTART_VERSION_MAJOR 0
#define WARMSTART_VERSION_MINOR 1
#define WARMSTART_VERSION_PATCH 0

namespace warmstart {

/// The version of the library at run time, as in `0.1.0`.
[[nodiscard]] WARMSTART_EXPORT std::string_view version() noexcept;

}  // namespace warmstart
