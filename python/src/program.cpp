#include "cli/program.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "bindings.hpp"

namespace warmstart::python {

using namespace nb::literals;

void bind_program(nb::module_& m) {
  m.def(
      "run_program",
      [](std::vector<std::string> arguments) {
        std::vector<char*> pointers;
        for (std::string& one : arguments) pointers.push_back(one.data());
        pointers.push_back(nullptr);
        return detail::cli::run_program(static_cast<int>(arguments.size()), pointers.data());
      },
      "arguments"_a, nb::call_guard<nb::gil_scoped_release>(),
      "The warmstart program. Takes over the process: from then on, SIGINT and SIGTERM are the "
      "program's.");
}

}  // namespace warmstart::python
