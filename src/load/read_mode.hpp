#pragma once

#include "io/file.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/run.hpp"

namespace warmstart::detail {

/// How a store's pending loads read their files: as the options say, or if these leave it open,
/// directly where most of at least 64 MiB is not in the page cache and every file allows it, else
/// buffered. Never mapped unless asked: that needs a signal handler.
[[nodiscard]] read_mode choose_read_mode(const store_state& store, const load_options& options,
                                         const file_system& files);

}  // namespace warmstart::detail
