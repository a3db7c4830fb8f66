#pragma once

#include <cstdint>
#include <string>

#include "load_model.hpp"
#include "stored_model.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {

/// The placement of a model's tensors.
enum class model_layout {
  sharded,     ///< every tensor is cut into row parts, one per GPU
  replicated,  ///< every GPU has every tensor
};

/// `cuda:0`, `cuda:1`, ...
[[nodiscard]] std::vector<device> first_gpus(int count);

/// Creates variables for the model's tensors and assigns checkpoint `prefix` to them.
[[nodiscard]] variable_store make_store(const std::string& prefix, const stored_model& model,
                                        const std::vector<device>& gpus, model_layout how);

/// Links with the same speed for all links of a kind. If `peer_gbps` is 0, GPUs have no links.
[[nodiscard]] link_speeds even_links(int gpus, double host_gbps, double peer_gbps);

/// Loads the store's pending variables from files that are slowed down to `speeds`. Returns the
/// duration in seconds, without memory allocation. `trace` may be null.
double run_paced(const variable_store& vars, const load_options& options,
                 const machine_speeds& speeds, load_trace* trace);

}  // namespace warmstart::detail
