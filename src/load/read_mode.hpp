#pragma once

#include "io/file.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/run.hpp"

namespace warmstart::detail {

/// Chooses how a store's pending loads read their files. `io_mode::automatic` means direct reads if
/// the loads read at least 64 MiB, less than half of it is in the page cache, and every file allows
/// direct reads; else buffered reads. It never means mapped reads, which need a signal handler.
[[nodiscard]] read_mode choose_read_mode(const store_state& store, const load_options& options,
                                         const file_system& files);

}  // namespace warmstart::detail
