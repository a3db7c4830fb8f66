#pragma once

#include <memory>
#include <string>

#include "model/catalog.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/init_from_checkpoint.hpp"

namespace warmstart::detail {

/// The part of `init_from_checkpoint` after opening the checkpoint. `path` is the caller's text.
resolved_assignments assign(store_state& state, const std::shared_ptr<const catalog>& source,
                            const std::string& path, const assignment_map& map,
                            const init_options& options);

}  // namespace warmstart::detail
