#pragma once

namespace warmstart::detail::cli {

/// The warmstart program: parses the command line, runs a command, and returns the exit status.
/// Opens closed standard descriptors and handles signals of the process.
[[nodiscard]] int run_program(int argc, const char* const* argv);

}  // namespace warmstart::detail::cli
