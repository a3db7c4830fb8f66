#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "warmstart/memory.hpp"

namespace warmstart::python {

/// The memory resource that an object of Python's `warmstart.MemoryResource` implements; the
/// default one for None. Any thread may use it: it takes the interpreter's lock for each call.
[[nodiscard]] std::shared_ptr<memory_resource> memory_from(nanobind::handle given);

}  // namespace warmstart::python
