#include "errors.hpp"

#include "bindings.hpp"
#include "text.hpp"

namespace warmstart::python {

nb::list problems_of(const std::vector<problem>& all) {
  const nb::object type = nb::module_::import_("warmstart._errors").attr("Problem");
  nb::list made;
  for (const problem& one : all) {
    const nb::object offset =
        one.offset_bytes < 0 ? nb::object(nb::none()) : nb::object(nb::int_(one.offset_bytes));
    made.append(type(to_text(to_string(one.code)), to_text(one.message), to_text(one.variable),
                     to_text(one.tensor), to_text(one.file), offset, to_text(one.expected),
                     to_text(one.found)));
  }
  return made;
}

namespace {

// The classes are Python's, so that type checkers know them.
void set_error(const error& what) {
  try {
    const nb::object made = nb::module_::import_("warmstart._errors")
                                .attr("from_problems")(problems_of(what.problems()));
    PyErr_SetObject(made.type().ptr(), made.ptr());
  } catch (nb::python_error& failed) {
    failed.restore();
  }
}

}  // namespace

void bind_errors(nb::module_& /*m*/) {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const error& what) {
      set_error(what);
    }
  });
}

}  // namespace warmstart::python
