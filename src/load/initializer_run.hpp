#pragma once

#include "engine/load_engine.hpp"
#include "io/file.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/run.hpp"

namespace warmstart::detail {

/// Runs the pending initializers of a store: plans, allocates, fills, loads, and marks variables as
/// initialized. Call on the engine's driver thread. Throws what `run_initializers` throws.
load_report run_pending(store_state& store, const load_options& options, read_mode mode,
                        load_engine& engine);

}  // namespace warmstart::detail
