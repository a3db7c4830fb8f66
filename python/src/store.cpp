#include "store.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "dlpack.hpp"
#include "engine.hpp"
#include "memory.hpp"
#include "text.hpp"
#include "values.hpp"
#include "warmstart/dlpack.hpp"
#include "warmstart/error.hpp"
#include "warmstart/read_back.hpp"

namespace warmstart::python {

using namespace nb::literals;

namespace {

[[noreturn]] void refuse_use() {
  throw error(error_code::invalid_argument, "a load uses this store; wait for it first");
}

}  // namespace

void store_use::require_idle() const {
  if (loading_) refuse_use();
}

void store_use::begin() {
  if (loading_.exchange(true)) refuse_use();
}

namespace {

// A partitioner in Python: (shape, dtype) -> a count for each dimension. Runs within
// `get_variable`.
partitioner partitioner_from(nb::handle given) {
  if (nb::isinstance<partitioner>(given)) return nb::cast<partitioner>(given);
  return [function = nb::borrow(given)](const shape& of, dtype type) {
    return nb::cast<std::vector<std::int64_t>>(function(to_tuple(of), to_text(name_of(type))));
  };
}

placement placement_from(const std::vector<std::string>& devices, bool is_replicated) {
  placement made{.distribution =
                     is_replicated ? placement::rule::replicated : placement::rule::round_robin};
  for (const std::string& one : devices) made.devices.emplace_back(one);
  return made;
}

scope_options scope_options_from(std::optional<initializer> init, nb::handle partitions,
                                 std::string_view reuse) {
  scope_options made{.initializer = init};
  if (!partitions.is_none()) made.partitioner = partitioner_from(partitions);
  made.reuse = value_named<reuse_mode>("reuse", reuse,
                                       {{"create", reuse_mode::create},
                                        {"reuse", reuse_mode::reuse},
                                        {"automatic", reuse_mode::automatic}});
  return made;
}

struct shared_scope {
  variable_scope scope;
  std::shared_ptr<store_use> use;
};

template <class Place>
shared_variable get_variable(Place& place, const std::shared_ptr<store_use>& use, nb::handle name,
                             std::vector<std::int64_t> sizes, std::string_view type,
                             std::optional<initializer> init, nb::handle partitions,
                             const std::vector<extents>& slices,
                             const std::vector<std::string>& devices, bool is_replicated) {
  use->require_idle();
  variable_options options{.type = dtype_named(type),
                           .initializer = init,
                           .placement = placement_from(devices, is_replicated)};
  if (!partitions.is_none()) options.partitioner = partitioner_from(partitions);
  for (const extents& one : slices) options.slices.emplace_back(slice_extents_from(one));
  return {place.get_variable(from_text(name), shape_from(std::move(sizes)), options), use};
}

shared_variable wrap_memory(shared_store& s, nb::handle name, std::vector<std::int64_t> sizes,
                            std::string_view type, std::uintptr_t address, std::size_t size_bytes,
                            std::string_view on, nb::object owner,
                            const std::optional<extents>& box) {
  const shape full = shape_from(std::move(sizes));
  const slice where = box ? slice(slice_extents_from(*box)) : slice::all_of(full);
  return {s.idle().wrap(from_text(name), full, where, dtype_named(type),
                        reinterpret_cast<void*>(address), size_bytes, device(on),
                        keep_alive(std::move(owner))),
          s.use};
}

shared_variable wrap_capsule(shared_store& s, nb::handle name, nb::handle capsule) {
  return {wrap_dlpack_capsule(s.idle(), from_text(name), capsule), s.use};
}

template <class Holders>
nb::list shared_list(const Holders& all, const std::shared_ptr<store_use>& use) {
  nb::list made;
  for (const variable& one : all) made.append(shared_variable{one, use});
  return made;
}

nb::bytes read_back_bytes(const shared_variable& one, std::size_t replica, process_engine& on) {
  const variable& v = one.idle();
  std::vector<std::byte> bytes;
  {
    const nb::gil_scoped_release released;
    bytes = read_back(v, replica, &on.use());
  }
  return nb::bytes(bytes.data(), bytes.size());
}

void bind_variable(nb::module_& m) {
  nb::class_<shared_variable>(m, "Variable")
      .def_prop_ro("name", [](const shared_variable& s) { return to_text(s.v.name()); })
      .def_prop_ro("dtype", [](const shared_variable& s) { return to_text(name_of(s.v.type())); })
      .def_prop_ro(
          "shape", [](const shared_variable& s) { return to_tuple(s.v.shape()); },
          nb::sig("def shape(self) -> tuple[int, ...]"))
      .def_prop_ro("size_bytes", [](const shared_variable& s) { return s.v.size_bytes(); })
      .def_prop_ro("is_partitioned", [](const shared_variable& s) { return s.v.is_partitioned(); })
      .def_prop_ro("is_part", [](const shared_variable& s) { return s.v.is_part(); })
      .def(
          "parts", [](const shared_variable& s) { return shared_list(s.v.parts(), s.use); },
          nb::sig("def parts(self) -> list[Variable]"))
      .def(
          "slice", [](const shared_variable& s) { return to_pairs(s.v.info().slice); },
          nb::sig("def slice(self) -> tuple[tuple[int, int], ...]"))
      .def("spec", [](const shared_variable& s) { return to_text(s.v.info().spec()); })
      .def("full_name", [](const shared_variable& s) { return to_text(s.v.info().full_name); })
      .def(
          "full_shape", [](const shared_variable& s) { return to_tuple(s.v.info().full_shape); },
          nb::sig("def full_shape(self) -> tuple[int, ...]"))
      .def(
          "devices", [](const shared_variable& s) { return device_names(s.v.devices()); },
          nb::sig("def devices(self) -> list[str]"))
      .def(
          "address",
          [](const shared_variable& s, std::size_t replica) {
            return reinterpret_cast<std::uintptr_t>(s.idle().data(replica));
          },
          "replica"_a = 0)
      .def(
          "is_initialized",
          [](const shared_variable& s, std::size_t replica) {
            return s.idle().is_initialized(replica);
          },
          "replica"_a = 0)
      .def(
          "is_ready",
          [](const shared_variable& s, std::size_t replica) { return s.idle().is_ready(replica); },
          "replica"_a = 0)
      .def(
          "wait", [](const shared_variable& s, std::size_t replica) { s.idle().wait(replica); },
          "replica"_a = 0, nb::call_guard<nb::gil_scoped_release>())
      .def("read_back", &read_back_bytes, "replica"_a, "engine"_a)
      .def(
          "dlpack",
          [](const shared_variable& s, std::size_t replica, bool is_versioned) {
            return dlpack_capsule(s.idle(), replica, is_versioned);
          },
          "replica"_a, "versioned"_a,
          nb::sig("def dlpack(self, replica: int, versioned: bool) -> object"))
      .def(
          "is_same", [](const shared_variable& a, const shared_variable& b) { return a.v == b.v; },
          "other"_a);
}

template <class Class, class GetStore>
void bind_get_variable(Class& bound, GetStore get_store) {
  bound.def(
      "get_variable",
      [get_store](typename Class::Type& place, nb::str name, std::vector<std::int64_t> sizes,
                  std::string_view type, std::optional<initializer> init, nb::object partitions,
                  const std::vector<extents>& slices, const std::vector<std::string>& devices,
                  bool is_replicated) {
        return get_variable(get_store(place), place.use, name, std::move(sizes), type, init,
                            partitions, slices, devices, is_replicated);
      },
      "name"_a, "shape"_a, "dtype"_a, "initializer"_a.none(), "partitioner"_a.none(), "slices"_a,
      "devices"_a, "replicated"_a);
  bound.def(
      "scope",
      [get_store](typename Class::Type& place, nb::str name, std::optional<initializer> init,
                  nb::object partitions, std::string_view reuse) {
        place.use->require_idle();
        return shared_scope{
            get_store(place).scope(from_text(name), scope_options_from(init, partitions, reuse)),
            place.use};
      },
      "name"_a, "initializer"_a.none(), "partitioner"_a.none(), "reuse"_a);
}

}  // namespace

void bind_store(nb::module_& m) {
  bind_variable(m);
  nb::class_<shared_scope> scope(m, "Scope");
  nb::class_<shared_store> store(m, "VariableStore");
  scope.def_prop_ro("name", [](const shared_scope& s) { return to_text(s.scope.name()); });
  bind_get_variable(scope, [](shared_scope& s) -> variable_scope& { return s.scope; });
  bind_get_variable(store, [](shared_store& s) -> variable_store& { return s.store; });
  store
      .def(
          "__init__",
          [](shared_store* s, std::string_view where, nb::handle memory) {
            new (s) shared_store{variable_store(device(where), memory_from(memory))};
          },
          "device"_a, "memory"_a = nb::none(),
          nb::sig("def __init__(self, device: str, "
                  "memory: warmstart._allocation.MemoryResource | None = None) -> None"))
      .def("wrap_memory", &wrap_memory, "name"_a, "shape"_a, "dtype"_a, "address"_a, "size_bytes"_a,
           "device"_a, "owner"_a, "box"_a = nb::none(),
           nb::sig("def wrap_memory(self, name: str, shape: collections.abc.Sequence[int], dtype: "
                   "str, address: int, size_bytes: int, device: str, owner: object, "
                   "box: collections.abc.Sequence[tuple[int, int]] | None = None) -> Variable"))
      .def("wrap_capsule", &wrap_capsule, "name"_a, "capsule"_a,
           nb::sig("def wrap_capsule(self, name: str, capsule: object) -> Variable"))
      .def(
          "erase", [](shared_store& s, const shared_variable& v) { s.idle().erase(v.v); },
          "variable"_a)
      .def(
          "reset", [](shared_store& s, const shared_variable& v) { s.idle().reset(v.v); },
          "variable"_a)
      .def(
          "find",
          [](shared_store& s, nb::str name) -> std::optional<shared_variable> {
            const auto found = s.store.find(from_text(name));
            if (!found) return {};
            return shared_variable{*found, s.use};
          },
          "name"_a)
      .def(
          "variables", [](shared_store& s) { return shared_list(s.store.variables(), s.use); },
          nb::sig("def variables(self) -> list[Variable]"));
}

}  // namespace warmstart::python
