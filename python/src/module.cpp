#include "bindings.hpp"
#include "text.hpp"
#include "warmstart/version.hpp"

NB_MODULE(_warmstart, m) {
  using namespace warmstart;
  // The engine that a process keeps lives until the process ends.
  nanobind::set_leak_warnings(false);
  m.attr("version") = python::to_text(version());
  python::bind_errors(m);
  python::bind_values(m);
  python::bind_engine(m);
  python::bind_checkpoint(m);
  python::bind_store(m);
  python::bind_maps(m);
  python::bind_reports(m);
  python::bind_loads(m);
  python::bind_program(m);
}
