#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "warmstart/file_system.hpp"

namespace warmstart::python {

/// The file system that an object of Python's `warmstart.FileSystem` implements; null for None. Any
/// thread may use it: it takes the interpreter's lock for each call.
[[nodiscard]] std::shared_ptr<const file_system> files_from(nanobind::handle given);

}  // namespace warmstart::python
