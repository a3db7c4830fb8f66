#pragma once

#include <string>
#include <string_view>

namespace warmstart::detail::test {

// Paths of this checkout and its build. Only one source file contains them, so that the compiler
// cache shares the objects of all others between checkouts.

/// `tests/data/INSIDE`.
[[nodiscard]] std::string data_path(std::string_view inside = {});
/// The program `warmstart` of this build.
[[nodiscard]] std::string program_path();
/// `scripts/emulated`, and the build whose emulator it is to use.
[[nodiscard]] std::string emulated_path();
[[nodiscard]] std::string build_path();

}  // namespace warmstart::detail::test
