#pragma once

#include <nanobind/nanobind.h>

// Each function adds the classes and functions of one concept to the module `warmstart._warmstart`,
// on which the Python files in python/warmstart stand. Programs use those, not the module.
namespace warmstart::python {

namespace nb = nanobind;

void bind_errors(nb::module_& m);
void bind_values(nb::module_& m);
void bind_engine(nb::module_& m);
void bind_checkpoint(nb::module_& m);
void bind_store(nb::module_& m);
void bind_maps(nb::module_& m);
void bind_reports(nb::module_& m);
void bind_loads(nb::module_& m);
void bind_program(nb::module_& m);

}  // namespace warmstart::python
