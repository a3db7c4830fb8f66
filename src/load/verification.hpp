#pragma once

#include "engine/load_engine.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/verify.hpp"

namespace warmstart::detail {

/// Compares the rows' bytes in memory with the loaded or stored checksums. Call on the engine's
/// driver thread. Throws what `verify` throws.
verification_report verify_rows(const store_state& store, load_engine& engine);

}  // namespace warmstart::detail
