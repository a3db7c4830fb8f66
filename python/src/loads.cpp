#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "background.hpp"
#include "bindings.hpp"
#include "engine.hpp"
#include "files.hpp"
#include "store.hpp"
#include "text.hpp"
#include "values.hpp"
#include "warmstart/load_checkpoint.hpp"
#include "warmstart/plan.hpp"
#include "warmstart/run.hpp"
#include "warmstart/verify.hpp"

namespace warmstart::python {

using namespace nb::literals;

namespace {

load_options::io_mode io_named(std::string_view name) {
  using mode = load_options::io_mode;
  return value_named<mode>("io", name,
                           {{"automatic", mode::automatic},
                            {"direct", mode::direct},
                            {"buffered", mode::buffered},
                            {"mapped", mode::mapped}});
}

load_options::scatter_source scatter_named(std::string_view name) {
  using source = load_options::scatter_source;
  return value_named<source>("scatter", name,
                             {{"mirrored", source::mirrored}, {"mapped", source::mapped}});
}

using stream_handles = std::vector<std::pair<std::string, std::uintptr_t>>;

load_options make_options(std::int64_t budget_bytes, std::int64_t chunk_bytes, bool checksums,
                          std::string_view partial, bool verifiable, std::string_view io,
                          std::string_view scatter, std::int64_t min_run_bytes,
                          const stream_handles& streams, bool wait_for_streams) {
  load_options made{.budget_bytes = budget_bytes,
                    .chunk_bytes = chunk_bytes,
                    .checksums = checksums,
                    .partial_checksums = partial_named(partial),
                    .verifiable = verifiable,
                    .io = io_named(io),
                    .scatter = scatter_named(scatter),
                    .min_run_bytes = min_run_bytes,
                    .wait_for_streams = wait_for_streams};
  for (const auto& [where, handle] : streams)
    made.streams.emplace_back(device(where), reinterpret_cast<CUstream_st*>(handle));
  return made;
}

struct finished_load {
  load_report report;
  std::string trace;  ///< for Perfetto; empty unless asked for
};

/// A load beside the interpreter, and all that has to outlive it.
class running_load {
 public:
  running_load(const shared_store& of, load_options options, process_engine& on, bool is_traced)
      : claim_(std::make_unique<load_claim>(of)),
        store_(of.store),
        work_([this, options = std::move(options), engine = &on.use(), is_traced](
                  std::stop_token stop, auto report) {
          return load(options, engine, is_traced, std::move(stop), std::move(report));
        }) {}

  [[nodiscard]] bool done() const { return work_.done(); }
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> progress() const {
    const load_progress now = work_.progress();
    return {now.bytes_done, now.bytes_total};
  }
  void cancel() noexcept { work_.cancel(); }
  [[nodiscard]] bool wait_for(double seconds) const {
    return work_.wait_for(std::chrono::duration<double>(seconds));
  }
  /// Once. Waits; afterwards others may use the store.
  [[nodiscard]] finished_load finish(nb::handle progress) {
    const std::unique_ptr<load_claim> ends_with_the_load = std::move(claim_);
    return wait_reacting(work_, progress);
  }

 private:
  finished_load load(load_options options, engine* on, bool is_traced, std::stop_token stop,
                     background<finished_load>::report_progress report) {
    finished_load made;
    load_trace trace;
    options.engine = on;
    options.stop = std::move(stop);
    options.progress = std::move(report);
    if (is_traced) options.trace = &trace;
    made.report = run_initializers(store_, options);
    if (is_traced) made.trace = to_chrome_json(trace);
    return made;
  }

  std::unique_ptr<load_claim> claim_;
  variable_store store_;
  background<finished_load> work_;  // last: it uses the others
};

nb::tuple finish(running_load& load, nb::handle progress) {
  finished_load done = load.finish(progress);
  return nb::make_tuple(std::move(done.report), to_text(done.trace));
}

nb::tuple load_all(nb::handle path, std::string_view where, load_options options,
                   process_engine& on, nb::handle files, nb::handle progress) {
  const std::string from = from_path(path);
  const auto in = files_from(files);
  const device target(where);
  options.engine = &on.use();
  loaded_checkpoint made = run_reacting<loaded_checkpoint>(
      [&](std::stop_token stop, auto report) {
        options.stop = std::move(stop);
        options.progress = std::move(report);
        return load_checkpoint(from, target, options, in);
      },
      progress);
  nb::dict left_out;
  for (const left_out_tensor& one : made.left_out)
    left_out[to_text(one.name)] = to_text(one.reason);
  return nb::make_tuple(shared_store{std::move(made.variables)}, std::move(made.report), left_out);
}

verification_report verify_store(shared_store& s, process_engine& on) {
  const load_claim claim(s);
  engine& use = on.use();
  return run_reacting<verification_report>(
      [&](std::stop_token, auto) { return verify(s.store, &use); }, nb::none());
}

}  // namespace

void bind_loads(nb::module_& m) {
  nb::class_<load_options>(m, "LoadOptions")
      .def(
          "__init__",
          [](load_options* made, std::int64_t budget_bytes, std::int64_t chunk_bytes,
             bool checksums, std::string_view partial, bool verifiable, std::string_view io,
             std::string_view scatter, std::int64_t min_run_bytes, const stream_handles& streams,
             bool wait_for_streams) {
            new (made)
                load_options(make_options(budget_bytes, chunk_bytes, checksums, partial, verifiable,
                                          io, scatter, min_run_bytes, streams, wait_for_streams));
          },
          nb::kw_only(), "budget_bytes"_a, "chunk_bytes"_a, "checksums"_a, "partial"_a,
          "verifiable"_a, "io"_a, "scatter"_a, "min_run_bytes"_a, "streams"_a,
          "wait_for_streams"_a);
  nb::class_<running_load>(m, "RunningLoad")
      .def(
          "__init__",
          [](running_load* made, const shared_store& of, const load_options& options,
             process_engine& on,
             bool is_traced) { new (made) running_load(of, options, on, is_traced); },
          "store"_a, "options"_a, "engine"_a, "traced"_a, nb::keep_alive<1, 4>())
      .def_prop_ro("done", &running_load::done)
      .def("progress", &running_load::progress)
      .def("cancel", &running_load::cancel)
      .def("wait_for", &running_load::wait_for, "seconds"_a,
           nb::call_guard<nb::gil_scoped_release>())
      .def("finish", &finish, "progress"_a.none(),
           nb::sig("def finish(self, progress: collections.abc.Callable[[int, int], object] | "
                   "None) -> tuple[LoadReport, str]"));
  m.def(
      "make_plan",
      [](shared_store& s, const load_options& options) {
        const load_claim claim(s);
        const nb::gil_scoped_release released;
        return make_plan(s.store, options);
      },
      "store"_a, "options"_a);
  m.def("load_checkpoint", &load_all, "path"_a, "device"_a, "options"_a, "engine"_a,
        "files"_a.none(), "progress"_a.none(),
        nb::sig("def load_checkpoint(path: str | bytes | os.PathLike[str], device: str, "
                "options: LoadOptions, engine: Engine, files: warmstart._files.FileSystem | None, "
                "progress: collections.abc.Callable[[int, int], object] | None) "
                "-> tuple[VariableStore, LoadReport, dict[str, str]]"));
  m.def("verify", &verify_store, "store"_a, "engine"_a);
}

}  // namespace warmstart::python
