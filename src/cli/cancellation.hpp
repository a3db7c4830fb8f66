#pragma once

#include <stop_token>

namespace warmstart::detail::cli {

// Ctrl-C (SIGINT), and SIGTERM. A load is asked to stop, and fails with `cancelled`; at any other
// time, and by a second signal, the program ends at once. Either way it says `cancelled`, leaves no
// temporary file behind, and is ended by the signal itself: a shell sees the exit status 130 (143),
// and ends a loop around the program, too.

/// Call it once, before there are other threads. Signals that are ignored stay ignored.
void watch_for_cancellation();

/// A load that can stop, as long as this lives.
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

/// If a load was asked to stop, ends the program by the signal that asked.
void end_if_cancelled();

}  // namespace warmstart::detail::cli
