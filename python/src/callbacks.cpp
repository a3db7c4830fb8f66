#include "callbacks.hpp"

#include <nanobind/stl/string.h>

namespace warmstart::python {

namespace nb = nanobind;

namespace {

error_code code_of(const nb::python_error& raised) {
  if (raised.matches(PyExc_FileNotFoundError)) return error_code::not_found;
  if (raised.matches(PyExc_EOFError)) return error_code::corrupt;
  if (raised.matches(PyExc_MemoryError)) return error_code::out_of_memory;
  if (raised.matches(PyExc_KeyboardInterrupt)) return error_code::cancelled;
  return error_code::io;
}

std::string text_of(nb::handle given) {
  return nb::cast<std::string>(nb::str(given));
}

}  // namespace

void throw_as_error(const nb::python_error& raised, const std::string& who) {
  throw error(code_of(raised), who + " failed: " + text_of(raised.type().attr("__name__")) + ": " +
                                   text_of(raised.value()));
}

void throw_as_error(const nb::cast_error& /*wrong*/, const std::string& who) {
  throw error(error_code::invalid_argument, who + " failed: it returned something of another type");
}

void require_instance(nb::handle given, const char* module, const char* type,
                      const char* argument) {
  if (nb::isinstance(given, nb::module_::import_(module).attr(type))) return;
  throw error(
      error_code::invalid_argument,
      std::string(argument) + ": a " + text_of(given.type().attr("__name__")) + " is no " + type);
}

}  // namespace warmstart::python
