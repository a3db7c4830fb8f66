#include "warmstart/checkpoint.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <span>
#include <string>

#include "background.hpp"
#include "bindings.hpp"
#include "engine.hpp"
#include "errors.hpp"
#include "files.hpp"
#include "text.hpp"
#include "values.hpp"

namespace warmstart::python {

using namespace nb::literals;

namespace {

// What the calling thread reads by itself: for so little, neither an engine nor a thread is worth
// its time.
constexpr std::size_t SMALL_READ_BYTES = 512 << 10;

checkpoint open_checkpoint(nb::handle path, const std::string& format, nb::handle files) {
  const std::string where = from_path(path);
  auto in = files_from(files);
  const nb::gil_scoped_release released;
  return checkpoint::open(where, format, std::move(in));
}

// Calls `call(options)`, which can be followed and cancelled.
template <class Result, class Call>
Result read_reacting(read_options options, nb::handle progress, Call call) {
  return run_reacting<Result>(
      [&](std::stop_token stop, auto report) {
        options.stop = std::move(stop);
        options.progress = std::move(report);
        return call(options);
      },
      progress);
}

checkpoint_checksums compute_all_checksums(nb::handle path, const std::string& format,
                                           nb::handle files, process_engine& on,
                                           nb::handle progress) {
  const std::string where = from_path(path);
  const auto in = files_from(files);
  return read_reacting<checkpoint_checksums>(
      {.engine = &on.use()}, progress,
      [&](const read_options& options) { return compute_checksums(where, format, options, in); });
}

void read_all_or_slice(const checkpoint& from, const std::string& name,
                       const std::optional<extents>& wanted, std::span<std::byte> into,
                       const read_options& options) {
  if (!wanted) {
    from.read_into(name, into, options);
    return;
  }
  const read_target target{.slice = slice(slice_extents_from(*wanted)), .destination = into};
  from.read_into(name, std::span(&target, 1), options);
}

void read_into(const checkpoint& from, nb::handle name, const std::optional<extents>& wanted,
               std::uintptr_t address, std::size_t size_bytes, process_engine& on, bool checksums,
               std::string_view partial, nb::handle progress) {
  const std::span into(reinterpret_cast<std::byte*>(address), size_bytes);
  const std::string tensor = from_text(name);
  read_options options{.checksums = checksums, .partial_checksums = partial_named(partial)};
  if (size_bytes <= SMALL_READ_BYTES) {
    const nb::gil_scoped_release released;
    read_all_or_slice(from, tensor, wanted, into, options);
    return;
  }
  options.engine = &on.use();
  read_reacting<bool>(options, progress, [&](const read_options& all) {
    read_all_or_slice(from, tensor, wanted, into, all);
    return true;
  });
}

// A whole small tensor in a new bytearray, which costs less than an array and its address; None for
// what is larger, empty or has no fixed size.
nb::object read_small(const checkpoint& from, const tensor_info& t, bool checksums) {
  const auto element = static_cast<std::int64_t>(size_of(t.type));
  const std::int64_t count = t.full_shape.element_count();
  const auto limit = static_cast<std::int64_t>(SMALL_READ_BYTES);
  if (element == 0 || count == 0 || count > limit / element || !t.refusal.empty())
    return nb::none();
  const nb::object made = nb::steal(PyByteArray_FromStringAndSize(nullptr, count * element));
  if (!made.is_valid()) throw nb::python_error();
  const std::span into(reinterpret_cast<std::byte*>(PyByteArray_AsString(made.ptr())),
                       static_cast<std::size_t>(count * element));
  const nb::gil_scoped_release released;
  from.read_into(t.name, into, {.checksums = checksums});
  return made;
}

nb::list read_strings(const checkpoint& from, nb::handle name) {
  const std::string tensor = from_text(name);
  std::vector<std::string> all;
  {
    const nb::gil_scoped_release released;
    all = from.read_strings(tensor);
  }
  nb::list made;
  for (const std::string& one : all) made.append(nb::bytes(one.data(), one.size()));
  return made;
}

checkpoint::verification verify_all(const checkpoint& whole, process_engine& on,
                                    nb::handle progress) {
  return read_reacting<checkpoint::verification>(
      {.engine = &on.use()}, progress,
      [&](const read_options& options) { return whole.verify(options); });
}

nb::object slot_of(const tensor_info& t) {
  if (!t.slot) return nb::none();
  return nb::make_tuple(to_text(t.slot->name), to_text(t.slot->variable),
                        to_text(t.slot->optimizer));
}

void bind_tensor_info(nb::module_& m) {
  nb::class_<tensor_info>(m, "TensorInfo")
      .def_prop_ro("name", [](const tensor_info& t) { return to_text(t.name); })
      .def_prop_ro("dtype", [](const tensor_info& t) { return to_text(name_of(t.type)); })
      .def_prop_ro(
          "shape", [](const tensor_info& t) { return to_tuple(t.full_shape); },
          nb::sig("def shape(self) -> tuple[int, ...]"))
      .def_ro("size_bytes", &tensor_info::size_bytes)
      .def_ro("missing_elements", &tensor_info::missing_elements)
      .def_prop_ro(
          "files", [](const tensor_info& t) { return to_texts(t.files); },
          nb::sig("def files(self) -> list[str]"))
      .def_prop_ro(
          "slices",
          [](const tensor_info& t) {
            nb::list made;
            for (const slice& one : t.slices) made.append(to_pairs(one));
            return made;
          },
          nb::sig("def slices(self) -> list[tuple[tuple[int, int], ...]]"))
      .def_prop_ro("refusal", [](const tensor_info& t) { return to_text(t.refusal); })
      .def_prop_ro("full_name", [](const tensor_info& t) { return to_text(t.full_name); })
      .def_prop_ro("shadowed_by", [](const tensor_info& t) { return to_text(t.shadowed_by); })
      .def_prop_ro("slot", &slot_of, nb::sig("def slot(self) -> tuple[str, str, str] | None"));
}

}  // namespace

void bind_checkpoint(nb::module_& m) {
  bind_tensor_info(m);
  nb::class_<checkpoint::verification>(m, "CheckpointVerification",
                                       "What comparing all of a checkpoint's checksums found.")
      .def_ro("tensors", &checkpoint::verification::tensors)
      .def_ro("bytes", &checkpoint::verification::bytes)
      .def_ro("bytes_unchecked", &checkpoint::verification::bytes_unchecked,
              "Of them: no checksum covers them.")
      .def_prop_ro(
          "damage", [](const checkpoint::verification& v) { return problems_of(v.damage); },
          nb::sig("def damage(self) -> list[warmstart._errors.Problem]"),
          "One problem for each damaged tensor or slice.");
  nb::class_<checkpoint>(m, "Checkpoint")
      .def_static("open", &open_checkpoint, "path"_a, "format"_a, "files"_a.none(),
                  nb::sig("def open(path: str | bytes | os.PathLike[str], format: str, "
                          "files: warmstart._files.FileSystem | None) -> Checkpoint"))
      .def_prop_ro("path", [](const checkpoint& c) { return to_text(c.path()); })
      .def_prop_ro("format", &checkpoint::format)
      .def_prop_ro("missing_names_reason",
                   [](const checkpoint& c) { return to_text(c.missing_names_reason()); })
      .def_prop_ro("has_checksums", &checkpoint::has_checksums)
      .def("tensors", &checkpoint::tensors)
      .def(
          "has", [](const checkpoint& c, nb::str name) { return c.has(from_text(name)); }, "name"_a)
      .def(
          "info", [](const checkpoint& c, nb::str name) { return c.info(from_text(name)); },
          "name"_a)
      .def("read_into", &read_into, "name"_a, "wanted"_a.none(), "address"_a, "size_bytes"_a,
           "engine"_a, "checksums"_a, "partial"_a, "progress"_a.none(),
           nb::sig("def read_into(self, name: str, wanted: collections.abc.Sequence[tuple[int, "
                   "int]] | None, address: int, "
                   "size_bytes: int, engine: Engine, checksums: bool, partial: str, "
                   "progress: collections.abc.Callable[[int, int], object] | None) -> None"))
      .def("read_small", &read_small, "tensor"_a, "checksums"_a,
           nb::sig("def read_small(self, tensor: TensorInfo, checksums: bool) -> bytearray | None"))
      .def("read_strings", &read_strings, "name"_a,
           nb::sig("def read_strings(self, name: str) -> list[bytes]"))
      .def("verify", &verify_all, "engine"_a, "progress"_a.none(),
           nb::sig("def verify(self, engine: Engine, progress: collections.abc.Callable[[int, "
                   "int], object] | None) -> CheckpointVerification"));
  m.def(
      "compute_checksums",
      [](nb::handle path, const std::string& format, nb::handle files, process_engine& on,
         nb::handle progress) {
        const checkpoint_checksums made = compute_all_checksums(path, format, files, on, progress);
        return nb::make_tuple(to_text(made.path), to_text(made.text));
      },
      "path"_a, "format"_a, "files"_a.none(), "engine"_a, "progress"_a.none(),
      nb::sig("def compute_checksums(path: str | bytes | os.PathLike[str], format: str, "
              "files: warmstart._files.FileSystem | None, engine: Engine, "
              "progress: collections.abc.Callable[[int, int], object] | None) -> tuple[str, str]"));
  m.def(
      "latest_checkpoint",
      [](nb::handle directory) -> std::optional<std::string> {
        const std::string where = from_path(directory);
        const nb::gil_scoped_release released;
        return latest_checkpoint(where);
      },
      "directory"_a,
      nb::sig("def latest_checkpoint(directory: str | bytes | os.PathLike[str]) -> str | None"),
      "The newest checkpoint that a directory's `checkpoint` state file names, or None.");
}

}  // namespace warmstart::python
