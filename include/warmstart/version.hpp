#pragma once

#include <string_view>

namespace warmstart {

/// The version of the library, as in `0.1.0`.
[[nodiscard]] std::string_view version() noexcept;

}  // namespace warmstart
