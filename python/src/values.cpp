#include "values.hpp"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <string>

#include "bindings.hpp"
#include "text.hpp"
#include "warmstart/error.hpp"

namespace warmstart::python {

using namespace nb::literals;

dtype dtype_named(std::string_view name) {
  if (const auto found = dtype_from_name(name)) return *found;
  throw error(error_code::invalid_argument, "there is no dtype '" + std::string(name) + "'");
}

shape shape_from(std::vector<std::int64_t> sizes) {
  return shape(std::move(sizes));
}

nb::tuple to_tuple(const shape& of) {
  nb::object made = nb::steal(PyTuple_New(of.rank()));
  if (!made.is_valid()) throw nb::python_error();
  for (int d = 0; d < of.rank(); ++d)
    PyTuple_SetItem(made.ptr(), d, nb::cast(of[d]).release().ptr());
  return nb::borrow<nb::tuple>(made);
}

std::vector<slice_extent> slice_extents_from(const extents& pairs) {
  std::vector<slice_extent> made;
  for (const auto& [start, length] : pairs) made.push_back({.start = start, .length = length});
  return made;
}

nb::object to_pairs(const slice& of) {
  nb::list made;
  for (const slice_extent& one : of.extents()) made.append(nb::make_tuple(one.start, one.length));
  return nb::tuple(made);
}

partial_checksums partial_named(std::string_view name) {
  return value_named<partial_checksums>("partial_checksums", name,
                                        {{"always", partial_checksums::always},
                                         {"when_half", partial_checksums::when_half},
                                         {"never", partial_checksums::never}});
}

nb::list device_names(const std::vector<device>& all) {
  nb::list made;
  for (const device& one : all) made.append(to_text(to_string(one)));
  return made;
}

void refuse_name(std::string_view what, std::string_view name,
                 const std::vector<std::string_view>& expected) {
  std::string text = std::string(what) + " is '" + std::string(name) + "'; expected ";
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (i > 0) text += i + 1 < expected.size() ? ", " : " or ";
    text += "'" + std::string(expected[i]) + "'";
  }
  throw error(error_code::invalid_argument, text);
}

void bind_values(nb::module_& m) {
  m.def(
      "size_of", [](std::string_view name) { return size_of(dtype_named(name)); }, "dtype"_a,
      "Bytes of an element; 0 for types without a fixed size.");
  m.def(
      "can_cast",
      [](std::string_view from, std::string_view to) {
        return can_cast(dtype_named(from), dtype_named(to));
      },
      "from_"_a, "to"_a, "Whether a load can convert between the two dtypes.");

  nb::class_<device_info>(m, "DeviceInfo", "A device that this process can use.")
      .def_prop_ro(
          "name", [](const device_info& d) { return to_string(d.device); }, "`cpu:0`, `cuda:1`")
      .def_prop_ro("description", [](const device_info& d) { return to_text(d.description); })
      .def_ro("total_bytes", &device_info::total_bytes, "Size of its memory.")
      .def_ro("free_bytes", &device_info::free_bytes)
      .def_prop_ro(
          "peers", [](const device_info& d) { return device_names(d.peers); },
          nb::sig("def peers(self) -> list[str]"), "GPUs whose memory it can access.")
      .def_ro("emulated", &device_info::emulated, "No hardware: a program stands for it.")
      .def("__repr__", [](const device_info& d) {
        return "<" + to_string(d.device) + ": " + d.description + ">";
      });
  m.def("devices", &devices, nb::call_guard<nb::gil_scoped_release>(),
        "The devices that this process can use, the host first. Makes a CUDA context on each GPU.");
  m.def(
      "best_device", [] { return to_string(device::best()); },
      nb::call_guard<nb::gil_scoped_release>(), "`cuda:0` if there is a GPU, else `cpu:0`.");
  m.def(
      "device_name", [](std::string_view name) { return to_string(device(name)); }, "name"_a,
      "A device's name with its index: `cuda` is `cuda:0`.");
}

}  // namespace warmstart::python
