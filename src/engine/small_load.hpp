#pragma once

#include "engine/load_request.hpp"

namespace warmstart::detail {

/// Executes a plan whose rows are all on the host, on the calling thread. For loads so small that
/// starting an engine's threads would take longer than the reads.
[[nodiscard]] load_result load_on_this_thread(const load_request& request);

}  // namespace warmstart::detail
