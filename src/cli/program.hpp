#pragma once

namespace warmstart::detail::cli {

/// The warmstart program: reads the command line, runs a command, turns errors into exit statuses.
/// Takes over the process's standard descriptors and signals.
[[nodiscard]] int run_program(int argc, const char* const* argv);

}  // namespace warmstart::detail::cli
