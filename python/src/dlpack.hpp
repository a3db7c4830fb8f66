#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string_view>

#include "warmstart/variable_store.hpp"

namespace warmstart::python {

/// Keeps a Python object alive; whichever thread drops the last copy lets go of it.
[[nodiscard]] std::shared_ptr<void> keep_alive(nanobind::object owner);

/// A variable in the memory of a capsule of DLPack's, of either version, which then is used up.
[[nodiscard]] variable wrap_dlpack_capsule(variable_store& store, std::string_view name,
                                           nanobind::handle capsule);
[[nodiscard]] nanobind::object dlpack_capsule(const variable& v, std::size_t replica,
                                              bool is_versioned);

}  // namespace warmstart::python
