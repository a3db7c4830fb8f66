#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string>

#include "warmstart/error.hpp"

// Calls of Python objects that implement the library's interfaces, from any thread.
namespace warmstart::python {

/// What a Python exception becomes: an error whose message begins with `who`, such as
/// `model.npy: the file system's read`.
[[noreturn]] void throw_as_error(const nanobind::python_error& raised, const std::string& who);
[[noreturn]] void throw_as_error(const nanobind::cast_error& wrong, const std::string& who);

/// Calls Python with the interpreter's lock held.
template <class Call>
auto ask_python(const std::string& who, Call call) {
  const nanobind::gil_scoped_acquire held;
  try {
    return call();
  } catch (const nanobind::python_error& raised) {
    throw_as_error(raised, who);
  } catch (const nanobind::cast_error& wrong) {
    throw_as_error(wrong, who);
  }
}

/// Of `keep_alive`.
[[nodiscard]] inline nanobind::handle object_of(const std::shared_ptr<void>& kept) {
  return static_cast<PyObject*>(kept.get());
}

/// Throws `invalid_argument` unless `given` is of a Python class. `argument` is named in the error.
void require_instance(nanobind::handle given, const char* module, const char* type,
                      const char* argument);

}  // namespace warmstart::python
