#pragma once

#include <csignal>

namespace warmstart::detail {

/// The process's SIGBUS handler, with a reference count. Thread safe.
///
///     kernel ──► ours ──► `absorb`, or else the handler that was there before
namespace sigbus_handler {

/// Returns whether it has handled a fault. Called in the signal handler, on the faulting thread.
using absorb_function = bool (*)(const siginfo_t&) noexcept;

/// Installs the handler if necessary and increments the count. Returns false, without counting, if
/// the handler cannot be installed.
[[nodiscard]] bool acquire(absorb_function absorb) noexcept;
/// Decrements the count. The last call restores the previous handler, unless the program has
/// replaced ours meanwhile.
void release() noexcept;
/// Installs the handler again if the program has replaced it. Faults are then forwarded to the
/// program's handler.
void ensure() noexcept;

}  // namespace sigbus_handler
}  // namespace warmstart::detail
