#pragma once

#include <stop_token>

namespace warmstart::detail::cli {

// Handles SIGINT (Ctrl-C) and SIGTERM. During a load, the first signal asks the load to stop, which
// then fails with `cancelled`. At other times, and on a second signal, the program ends at once. In
// both cases it prints `cancelled`, removes its temporary files, and dies by the signal itself, so
// that a shell sees exit status 130 (143) and also ends a loop around the program.

/// Call once, before other threads start. Signals that are ignored stay ignored.
void watch_for_cancellation();

/// While it exists, signals ask the load to stop instead of ending the program.
class stoppable_load {
 public:
  stoppable_load();
  stoppable_load(const stoppable_load&) = delete;
  stoppable_load& operator=(const stoppable_load&) = delete;
  ~stoppable_load();

  [[nodiscard]] std::stop_token token() const;
};

/// Throws `cancelled` if a load was asked to stop.
void throw_if_cancelled();

/// If a signal asked a load to stop, ends the program by that signal.
void end_if_cancelled();

}  // namespace warmstart::detail::cli
