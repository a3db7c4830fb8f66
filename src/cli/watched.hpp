#pragma once

#include "cli/cancellation.hpp"
#include "cli/commands.hpp"
#include "cli/progress_bar.hpp"

namespace warmstart::detail::cli {

/// Calls `call` with `load_options` or `read_options` that show progress, and stop when a signal
/// asks the program to end. Throws what `call` throws, and `cancelled`.
template <class Options, class Call>
auto watched(Options how, when progress, Call call) {
  progress_bar bar(stderr, progress);
  if (bar.shown()) how.progress = [&](const load_progress& now) { bar.show(now); };
  const auto run = [&] {
    const stoppable_load running;
    how.stop = running.token();
    return call(how);
  };
  auto result = run();
  throw_if_cancelled();
  return result;
}

}  // namespace warmstart::detail::cli
