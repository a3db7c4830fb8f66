#pragma once

#include <cstdint>
#include <string>

#include "load_model.hpp"
#include "stored_model.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {

/// Who gets what of a model.
enum class model_layout {
  sharded,     ///< every tensor in row parts, one on each GPU
  replicated,  ///< every tensor on every GPU
};

/// `cuda:0`, `cuda:1`, ...
[[nodiscard]] std::vector<device> first_gpus(int count);

/// Variables for the model's tensors, to be initialized from the checkpoint `prefix`.
[[nodiscard]] variable_store make_store(const std::string& prefix, const stored_model& model,
                                        const std::vector<device>& gpus, model_layout how);

/// Every link of the same kind with the same speed; `peer_gbps` 0: none between GPUs.
[[nodiscard]] link_speeds even_links(int gpus, double host_gbps, double peer_gbps);

/// Loads the store's pending variables from files that are as slow as the speeds say, and says how
/// long that took once all memory was there. `trace`: may be null.
double run_paced(const variable_store& vars, const load_options& options,
                 const machine_speeds& speeds, load_trace* trace);

}  // namespace warmstart::detail
