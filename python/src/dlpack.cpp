#include "dlpack.hpp"

#include <dlpack/dlpack.h>

#include <string>
#include <utility>

#include "variables/dlpack_versioned.hpp"
#include "warmstart/dlpack.hpp"
#include "warmstart/error.hpp"

namespace warmstart::python {

namespace nb = nanobind;

namespace {

// By DLPack's rules a capsule has this name until somebody has taken its tensor over.
template <class Managed>
struct capsule_names;
template <>
struct capsule_names<DLManagedTensor> {
  static constexpr const char* FRESH = "dltensor";
  static constexpr const char* USED = "used_dltensor";
};
template <>
struct capsule_names<DLManagedTensorVersioned> {
  static constexpr const char* FRESH = "dltensor_versioned";
  static constexpr const char* USED = "used_dltensor_versioned";
};

template <class Managed>
variable take_over_capsule(variable_store& store, std::string_view name, nb::handle capsule) {
  void* found = PyCapsule_GetPointer(capsule.ptr(), capsule_names<Managed>::FRESH);
  if (found == nullptr) throw nb::python_error();
  variable made = wrap_dlpack(store, name, static_cast<Managed*>(found));
  PyCapsule_SetName(capsule.ptr(), capsule_names<Managed>::USED);
  return made;
}

template <class Managed>
nb::object capsule_of(Managed* tensor) {
  PyObject* made = PyCapsule_New(tensor, capsule_names<Managed>::FRESH, [](PyObject* gone) {
    if (PyCapsule_IsValid(gone, capsule_names<Managed>::FRESH) == 0) return;
    auto* unused = static_cast<Managed*>(PyCapsule_GetPointer(gone, capsule_names<Managed>::FRESH));
    unused->deleter(unused);
  });
  if (made == nullptr) {
    tensor->deleter(tensor);
    throw nb::python_error();
  }
  return nb::steal(made);
}

}  // namespace

std::shared_ptr<void> keep_alive(nb::object owner) {
  PyObject* const kept = owner.release().ptr();
  return {kept, [](void* object) {
            if (Py_IsInitialized() == 0) return;
            const nb::gil_scoped_acquire held;
            Py_DECREF(static_cast<PyObject*>(object));
          }};
}

variable wrap_dlpack_capsule(variable_store& store, std::string_view name, nb::handle capsule) {
  if (PyCapsule_IsValid(capsule.ptr(), capsule_names<DLManagedTensorVersioned>::FRESH) != 0) {
    return take_over_capsule<DLManagedTensorVersioned>(store, name, capsule);
  }
  if (PyCapsule_IsValid(capsule.ptr(), capsule_names<DLManagedTensor>::FRESH) != 0) {
    return take_over_capsule<DLManagedTensor>(store, name, capsule);
  }
  throw error(error_code::invalid_argument,
              "variable " + std::string(name) +
                  ": __dlpack__ gave no capsule of a tensor that nobody has taken yet");
}

nb::object dlpack_capsule(const variable& v, std::size_t replica, bool is_versioned) {
  if (is_versioned) return capsule_of(to_dlpack_versioned(v, replica));
  return capsule_of(to_dlpack(v, replica));
}

}  // namespace warmstart::python
