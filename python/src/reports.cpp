#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "errors.hpp"
#include "text.hpp"
#include "values.hpp"
#include "warmstart/init_from_checkpoint.hpp"
#include "warmstart/plan.hpp"
#include "warmstart/run.hpp"
#include "warmstart/verify.hpp"

namespace warmstart::python {

using namespace nb::literals;

namespace {

// A property of text that may hold any bytes.

template <class Class, auto Member>
void def_text(nb::class_<Class>& bound, const char* name, const char* what = "") {
  bound.def_prop_ro(
      name, [](const Class& of) { return to_text(of.*Member); }, what);
}
template <class Class, auto Member>
void def_device(nb::class_<Class>& bound, const char* name = "device") {
  bound.def_prop_ro(name, [](const Class& of) { return to_string(of.*Member); });
}
template <class Class, auto Member>
void def_slice(nb::class_<Class>& bound) {
  bound.def_prop_ro(
      "slice", [](const Class& of) { return to_pairs(of.*Member); },
      nb::sig("def slice(self) -> tuple[tuple[int, int], ...]"),
      "A start and a length for each dimension.");
}

void bind_resolved(nb::module_& m) {
  using row = resolved_assignment;
  nb::class_<row> one(m, "ResolvedAssignment",
                      "A variable, part or replica, and what will initialize it.");
  def_text<row, &row::variable>(one, "variable");
  def_text<row, &row::full_name>(one, "full_name");
  def_device<row, &row::device>(one);
  def_text<row, &row::tensor>(one, "tensor", "Its key in the checkpoint.");
  def_slice<row, &row::slice>(one);
  def_text<row, &row::transform>(one, "transform");
  one.def_ro("part", &row::part)
      .def_ro("size_bytes", &row::size_bytes)
      .def_ro("entry", &row::entry);

  nb::class_<kept_variable> kept(m, "KeptVariable", "A variable that a map left as it was.");
  def_text<kept_variable, &kept_variable::variable>(kept, "variable");
  def_text<kept_variable, &kept_variable::checkpoint>(kept, "checkpoint");
  def_text<kept_variable, &kept_variable::reason>(
      kept, "reason", "Why its tensor does not fit; empty: it has none there.");

  nb::class_<ambiguous_name> name(m, "AmbiguousName", "A name that several tensors have.");
  def_text<ambiguous_name, &ambiguous_name::name>(name, "name");
  def_text<ambiguous_name, &ambiguous_name::tensor>(name, "tensor", "The one that it means.");
  name.def_ro("others", &ambiguous_name::others);

  nb::class_<resolved_assignments> all(m, "ResolvedAssignments",
                                       "Who gets what. Printing it shows a table.");
  def_text<resolved_assignments, &resolved_assignments::checkpoint>(all, "checkpoint");
  all.def_ro("rows", &resolved_assignments::rows)
      .def_ro("kept", &resolved_assignments::kept)
      .def_ro("ambiguous", &resolved_assignments::ambiguous)
      .def("to_json", [](const resolved_assignments& r) { return to_text(to_json(r)); })
      .def("__str__", [](const resolved_assignments& r) { return to_text(to_string(r)); });
}

void bind_load_report(nb::module_& m) {
  nb::class_<loaded_row> row(m, "LoadedRow", "What a load did with a variable, part or replica.");
  def_text<loaded_row, &loaded_row::variable>(row, "variable");
  def_device<loaded_row, &loaded_row::device>(row);
  def_text<loaded_row, &loaded_row::checkpoint>(row, "checkpoint",
                                                "Empty: its own initializer ran.");
  def_text<loaded_row, &loaded_row::tensor>(row, "tensor");
  def_slice<loaded_row, &loaded_row::slice>(row);
  def_text<loaded_row, &loaded_row::transform>(row, "transform");
  def_text<loaded_row, &loaded_row::initializer>(row, "initializer");
  row.def_ro("checked", &loaded_row::checked,
             "Every byte was covered by a checksum that was compared.");

  nb::class_<unused_tensor> unused(m, "UnusedTensor");
  def_text<unused_tensor, &unused_tensor::checkpoint>(unused, "checkpoint");
  def_text<unused_tensor, &unused_tensor::tensor>(unused, "tensor");

  nb::class_<load_report>(m, "LoadReport", "What a load did. Printing it shows a table.")
      .def_ro("rows", &load_report::rows)
      .def_ro("unused", &load_report::unused, "Tensors of the checkpoints that no variable wanted.")
      .def_ro("kept", &load_report::kept)
      .def_ro("bytes_needed", &load_report::bytes_needed)
      .def_ro("bytes_unchecked", &load_report::bytes_unchecked)
      .def_ro("bytes_read", &load_report::bytes_read)
      .def_ro("staging_bytes", &load_report::staging_bytes)
      .def_ro("seconds", &load_report::seconds)
      .def("__str__", [](const load_report& r) { return to_text(to_string(r)); });
}

void bind_plan(nb::module_& m) {
  nb::class_<load_plan::file> file(m, "PlannedFile");
  def_text<load_plan::file, &load_plan::file::path>(file, "path");
  file.def_ro("reads", &load_plan::file::reads).def_ro("bytes", &load_plan::file::bytes);
  using target = load_plan::device_totals;
  nb::class_<target> on(m, "PlannedDevice", "All sizes are in bytes.");
  def_device<target, &target::device>(on);
  on.def_ro("variables", &target::variables)
      .def_ro("memory_bytes", &target::memory_bytes)
      .def_ro("landed_bytes", &target::landed_bytes)
      .def_ro("copied_bytes", &target::copied_bytes)
      .def_ro("scattered_bytes", &target::scattered_bytes)
      .def_ro("converted_bytes", &target::converted_bytes)
      .def_ro("relayed_bytes", &target::relayed_bytes)
      .def_ro("filled_bytes", &target::filled_bytes)
      .def_ro("link_bytes", &target::link_bytes);
  nb::class_<load_plan::link> link(m, "PlannedLink", "Bytes that replicas take from one another.");
  def_device<load_plan::link, &load_plan::link::source>(link, "source");
  def_device<load_plan::link, &load_plan::link::destination>(link, "target");
  link.def_ro("bytes", &load_plan::link::bytes);
  nb::class_<load_plan>(m, "LoadPlan", "What a load would read and copy. Printing it shows tables.")
      .def_ro("files", &load_plan::files)
      .def_ro("devices", &load_plan::devices)
      .def_ro("links", &load_plan::links)
      .def_ro("direct_reads", &load_plan::direct_reads)
      .def_ro("bytes_needed", &load_plan::bytes_needed)
      .def_ro("bytes_read", &load_plan::bytes_read)
      .def_ro("bytes_unchecked", &load_plan::bytes_unchecked)
      .def_ro("staging_bytes", &load_plan::staging_bytes)
      .def("to_json", [](const load_plan& p) { return to_text(to_json(p)); })
      .def("__str__", [](const load_plan& p) { return to_text(to_string(p)); });
}

void bind_verification(nb::module_& m) {
  nb::class_<verified_row> row(m, "VerifiedRow");
  def_text<verified_row, &verified_row::variable>(row, "variable");
  def_device<verified_row, &verified_row::device>(row);
  row.def_ro("crc32c", &verified_row::crc32c)
      .def_prop_ro(
          "verified", [](const verified_row& r) { return to_text(to_string(r.verified)); },
          "`no`, `loaded` or `stored`")
      .def_ro("from_checkpoint", &verified_row::from_checkpoint);
  nb::class_<verification_report>(m, "VerificationReport",
                                  "Checksums of what is in the variables' memory.")
      .def_ro("rows", &verification_report::rows)
      .def_prop_ro(
          "damage", [](const verification_report& r) { return problems_of(r.damage); },
          nb::sig("def damage(self) -> list[warmstart._errors.Problem]"))
      .def_prop_ro("complete", &verification_report::complete,
                   "No damage, and every row from a checkpoint was compared.");
}

}  // namespace

void bind_reports(nb::module_& m) {
  bind_resolved(m);
  bind_load_report(m);
  bind_plan(m);
  bind_verification(m);
}

}  // namespace warmstart::python
