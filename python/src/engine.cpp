#include "engine.hpp"

#include "bindings.hpp"
#include "warmstart/error.hpp"

namespace warmstart::python {

using namespace nb::literals;

process_engine::process_engine(std::size_t reader_threads)
    : owned_(std::make_unique<engine>(engine_options{.reader_threads = reader_threads})),
      maker_(::getpid()) {}

process_engine::~process_engine() {
  if (!is_of_this_process()) (void)owned_.release();
}

engine& process_engine::use() {
  if (!is_of_this_process()) {
    throw error(error_code::invalid_argument,
                "this engine belongs to the process that forked this one; make another one here");
  }
  if (!owned_) throw error(error_code::invalid_argument, "this engine is closed");
  return *owned_;
}

void process_engine::close() {
  if (is_of_this_process()) owned_.reset();
}

void bind_engine(nb::module_& m) {
  nb::class_<process_engine>(m, "Engine")
      .def(nb::init<std::size_t>(), "reader_threads"_a = 0)
      .def_prop_ro("is_of_this_process", &process_engine::is_of_this_process)
      .def("close", &process_engine::close, nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace warmstart::python
