#pragma once

#include <string>

#include "plan/transfer_plan.hpp"

namespace warmstart::detail {

/// Every chunk with its landings, segments and copies, one per line, for tests and debugging.
[[nodiscard]] std::string to_text(const transfer_plan& plan, std::span<const variable_info> rows);

}  // namespace warmstart::detail
