#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "warmstart/error.hpp"

namespace warmstart::python {

/// A list of `warmstart.Problem`.
[[nodiscard]] nanobind::list problems_of(const std::vector<problem>& all);

}  // namespace warmstart::python
