#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "files.hpp"
#include "store.hpp"
#include "text.hpp"
#include "values.hpp"
#include "warmstart/error.hpp"
#include "warmstart/init_from_checkpoint.hpp"
#include "warmstart/initializer.hpp"
#include "warmstart/partitioner.hpp"

namespace warmstart::python {

using namespace nb::literals;

namespace {

// A name, a variable, a list of names or a list of variables: what the Python layer makes of a
// target.
assignment_target target_from(nb::handle given) {
  if (nb::isinstance<nb::str>(given)) return from_text(given);
  if (nb::isinstance<shared_variable>(given)) return nb::cast<const shared_variable&>(given).v;
  const nb::list list = nb::cast<nb::list>(given);
  if (list.size() > 0 && nb::isinstance<nb::str>(list[0])) return from_texts(list);
  std::vector<variable> parts;
  for (nb::handle one : list) parts.push_back(nb::cast<const shared_variable&>(one).v);
  return parts;
}

assignment_map map_from(const nb::list& entries) {
  assignment_map made;
  for (nb::handle one : entries) {
    const nb::tuple entry = nb::cast<nb::tuple>(one);
    made.add(assignment_entry(from_text(entry[0]), target_from(entry[1]),
                              nb::cast<transform>(entry[2])));
  }
  return made;
}

resolved_assignments initialize(shared_store& s, nb::handle source, const nb::list& entries,
                                const nb::list& except, bool keeps_missing, bool keeps_mismatched,
                                bool allow_empty_scope, bool cast, const std::string& format,
                                nb::handle files) {
  init_options options{.except = from_texts(except),
                       .allow_empty_scope = allow_empty_scope,
                       .cast = cast,
                       .format = format,
                       .files = files_from(files)};
  if (keeps_missing) options.missing = init_options::missing_tensor::keep;
  if (keeps_mismatched) options.mismatched = init_options::mismatched_tensor::keep;
  const assignment_map map = map_from(entries);
  const load_claim claim(s);
  if (nb::isinstance<checkpoint>(source)) {
    const checkpoint open = nb::cast<checkpoint>(source);
    const nb::gil_scoped_release released;
    return init_from_checkpoint(s.store, open, map, options);
  }
  const std::string where = from_path(source);
  const nb::gil_scoped_release released;
  return init_from_checkpoint(s.store, where, map, options);
}

void bind_transform(nb::module_& m) {
  nb::class_<remap>(m, "Remap",
                    "Which old index each new index of a dimension takes: by a list of indices, in "
                    "which -1 means none, "
                    "or by two vocabularies, text files with a token in each line. What has no old "
                    "index gets what the "
                    "variable's own initializer gives.")
      .def(
          "__init__",
          [](remap* made, std::vector<std::int64_t> indices, nb::object old_vocabulary,
             nb::object new_vocabulary, std::optional<std::int64_t> old_size,
             std::optional<std::int64_t> new_size) {
            new (made)
                remap{.indices = std::move(indices),
                      .old_vocabulary = old_vocabulary.is_none() ? "" : from_path(old_vocabulary),
                      .new_vocabulary = new_vocabulary.is_none() ? "" : from_path(new_vocabulary),
                      .old_size = old_size,
                      .new_size = new_size};
          },
          "indices"_a = std::vector<std::int64_t>(), nb::kw_only(), "old_vocabulary"_a = nb::none(),
          "new_vocabulary"_a = nb::none(), "old_size"_a = nb::none(), "new_size"_a = nb::none(),
          nb::sig("def __init__(self, indices: collections.abc.Sequence[int] = [], *, "
                  "old_vocabulary: str | os.PathLike[str] | None = None, "
                  "new_vocabulary: str | os.PathLike[str] | None = None, old_size: int | None = "
                  "None, new_size: int | None = None) -> None"))
      .def_ro("indices", &remap::indices)
      .def_ro("old_vocabulary", &remap::old_vocabulary)
      .def_ro("new_vocabulary", &remap::new_vocabulary)
      .def_ro("old_size", &remap::old_size)
      .def_ro("new_size", &remap::new_size);
  nb::class_<transform>(m, "Transform")
      .def(
          "__init__",
          [](transform* made, const extents& slice,
             std::optional<std::vector<std::int64_t>> reshape, std::vector<int> transpose,
             std::optional<remap> rows, std::optional<remap> columns, std::optional<bool> cast) {
            new (made) transform{.slice = slice_extents_from(slice),
                                 .reshape = std::move(reshape),
                                 .transpose = std::move(transpose),
                                 .rows = std::move(rows),
                                 .columns = std::move(columns),
                                 .cast = cast};
          },
          "slice"_a, "reshape"_a.none(), "transpose"_a, "rows"_a.none(), "columns"_a.none(),
          "cast"_a.none())
      .def("__str__", [](const transform& t) { return to_text(to_string(t)); });
}

void bind_initializers(nb::module_& m) {
  nb::class_<initializer>(m, "Initializer", "What fills a variable that no checkpoint initializes.")
      .def_prop_ro("name", [](const initializer& i) { return to_text(name_of(i.type)); })
      .def_ro("seed", &initializer::seed)
      .def(
          "__eq__",
          [](const initializer& a, nb::handle b) {
            return nb::isinstance<initializer>(b) && a == nb::cast<const initializer&>(b);
          },
          nb::sig("def __eq__(self, other: object) -> bool"))
      .def("__repr__", [](const initializer& i) {
        return "<initializer " + std::string(name_of(i.type)) + ">";
      });
  m.def("uninitialized", &uninitialized, "Leaves memory as it is.");
  m.def("zeros", &zeros);
  m.def("ones", &ones);
  m.def("constant", &constant, "value"_a);
  m.def("uniform", &uniform, "minval"_a = -0.05, "maxval"_a = 0.05, "seed"_a = nb::none());
  m.def("normal", &normal, "mean"_a = 0.0, "stddev"_a = 0.05, "seed"_a = nb::none());
  m.def("truncated_normal", &truncated_normal, "mean"_a = 0.0, "stddev"_a = 0.05,
        "seed"_a = nb::none(), "Normal, redrawn outside of two standard deviations.");
  m.def("glorot_uniform", &glorot_uniform, "seed"_a = nb::none());
  m.def("glorot_normal", &glorot_normal, "seed"_a = nb::none());
}

void bind_partitioners(nb::module_& m) {
  nb::class_<partitioner>(m, "Partitioner", "Decides into how many parts a variable is cut.")
      .def(
          "__call__",
          [](const partitioner& p, std::vector<std::int64_t> sizes, std::string_view type) {
            return p(shape_from(std::move(sizes)), dtype_named(type));
          },
          "shape"_a, "dtype"_a, "A count for each dimension.");
  m.def("fixed_size_partitioner", &fixed_size_partitioner, "num_shards"_a, "axis"_a = 0);
  m.def("variable_axis_size_partitioner", &variable_axis_size_partitioner, "max_shard_bytes"_a,
        "axis"_a = 0, "max_shards"_a = nb::none());
  m.def("min_max_variable_partitioner", &min_max_variable_partitioner, "max_partitions"_a = 1,
        "axis"_a = 0, "min_slice_size"_a = 256 << 10);
  m.def("explicit_partitioner", &explicit_partitioner, "counts"_a,
        "Exactly these counts, one for each dimension.");
}

}  // namespace

void bind_maps(nb::module_& m) {
  bind_initializers(m);
  bind_partitioners(m);
  bind_transform(m);
  m.def("init_from_checkpoint", &initialize, "store"_a, "source"_a, "entries"_a, "except_"_a,
        "keep_missing"_a, "keep_mismatched"_a, "allow_empty_scope"_a, "cast"_a, "format"_a,
        "files"_a.none(),
        nb::sig("def init_from_checkpoint(store: VariableStore, source: str | bytes | "
                "os.PathLike[str] | Checkpoint, entries: list[tuple[str, object, Transform]], "
                "except_: list[str], keep_missing: bool, keep_mismatched: bool, allow_empty_scope: "
                "bool, cast: bool, format: str, files: warmstart._files.FileSystem | None) -> "
                "ResolvedAssignments"));
}

}  // namespace warmstart::python
