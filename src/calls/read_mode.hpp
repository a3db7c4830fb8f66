#pragma once

#include "io/file.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/run.hpp"

namespace warmstart {

/// How a store's pending loads are to read their files, by the options and, if these leave it open,
/// by what of the files is in the page cache.
[[nodiscard]] read_mode choose_read_mode(const store_state& store, const load_options& options,
                                         const file_system& files);

}  // namespace warmstart
