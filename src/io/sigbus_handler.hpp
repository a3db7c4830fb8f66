#pragma once

#include <csignal>

namespace warmstart::detail {

/// The process's SIGBUS handler, counted by those who need it. Thread safe.
///
///     kernel ──► ours ──► `absorb`, or else the handler that was there before
namespace sigbus_handler {

/// Says whether a fault is taken care of. Called in the signal handler, on the faulting thread.
using absorb_function = bool (*)(const siginfo_t&) noexcept;

/// Installs the handler if it is not there. False if the system refuses; then nothing was counted.
[[nodiscard]] bool acquire(absorb_function absorb) noexcept;
/// Undoes one `acquire`. The last one restores the handler that was there, unless the program has
/// replaced ours by now.
void release() noexcept;
/// Installs the handler again if the program has replaced it. The program's becomes the one that
/// faults are forwarded to.
void ensure() noexcept;

}  // namespace sigbus_handler
}  // namespace warmstart::detail
