#pragma once

#include "engine/load_engine.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/verify.hpp"

namespace warmstart::detail {

/// Compares what the store's rows hold with what was loaded or is stored. On the engine's driver
/// thread. Throws as `verify`.
verification_report verify_rows(const store_state& store, load_engine& engine);

}  // namespace warmstart::detail
