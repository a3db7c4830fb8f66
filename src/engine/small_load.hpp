#pragma once

#include "engine/load_request.hpp"

namespace warmstart::detail {

/// Carries out a plan whose rows are all on the host, on the calling thread. For loads that are too
/// small for an engine, whose threads would cost more than the reads.
[[nodiscard]] load_result load_on_this_thread(const load_request& request);

}  // namespace warmstart::detail
