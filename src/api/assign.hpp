#pragma once

#include <memory>
#include <string>

#include "model/catalog.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/init_from_checkpoint.hpp"

namespace warmstart::detail {

/// What `init_from_checkpoint` does with a checkpoint that is open: `path` as the caller spelled
/// it.
resolved_assignments assign(store_state& state, const std::shared_ptr<const catalog>& source,
                            const std::string& path, const assignment_map& map,
                            const init_options& options);

}  // namespace warmstart::detail
