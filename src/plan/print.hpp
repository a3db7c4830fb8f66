#pragma once

#include <string>

#include "plan/transfer_plan.hpp"

namespace warmstart::detail {

/// Every chunk with its landings, segments and copies, one a line: for tests and for the curious.
[[nodiscard]] std::string to_text(const transfer_plan& plan, std::span<const variable_info> rows);

}  // namespace warmstart::detail
