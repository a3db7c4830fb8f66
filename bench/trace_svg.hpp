#pragma once

#include <string>

#include "warmstart/trace.hpp"

namespace warmstart::detail {

/// Draws a trace: one row per lane, time from left to right.
[[nodiscard]] std::string to_svg(const load_trace& trace, const std::string& title);

}  // namespace warmstart::detail
