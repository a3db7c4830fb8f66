#include "text.hpp"

namespace warmstart::python {

namespace nb = nanobind;

namespace {

std::string bytes_of(const nb::object& bytes) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(bytes.ptr(), &data, &size) != 0) throw nb::python_error();
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

nb::str to_text(std::string_view bytes) {
  PyObject* made =
      PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "surrogateescape");
  if (made == nullptr) throw nb::python_error();
  return nb::steal<nb::str>(made);
}

std::string from_text(nb::handle text) {
  if (!nb::isinstance<nb::str>(text)) throw nb::type_error("expected a str");
  PyObject* made = PyUnicode_AsEncodedString(text.ptr(), "utf-8", "surrogateescape");
  if (made == nullptr) throw nb::python_error();
  return bytes_of(nb::steal(made));
}

std::vector<std::string> from_texts(nb::handle texts) {
  std::vector<std::string> made;
  for (nb::handle one : texts) made.push_back(from_text(one));
  return made;
}

std::string from_path(nb::handle path) {
  PyObject* made = nullptr;
  if (PyUnicode_FSConverter(path.ptr(), &made) == 0) throw nb::python_error();
  return bytes_of(nb::steal(made));
}

}  // namespace warmstart::python
