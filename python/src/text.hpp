#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>
#include <vector>

namespace warmstart::python {

/// Names in checkpoints are bytes. What is no UTF-8 survives the way to Python and back.
[[nodiscard]] nanobind::str to_text(std::string_view bytes);
[[nodiscard]] std::string from_text(nanobind::handle text);
[[nodiscard]] std::vector<std::string> from_texts(nanobind::handle texts);
/// A path: what `os.fspath` takes.
[[nodiscard]] std::string from_path(nanobind::handle path);

template <class Strings>
[[nodiscard]] nanobind::list to_texts(const Strings& all) {
  nanobind::list made;
  for (const auto& one : all) made.append(to_text(one));
  return made;
}

}  // namespace warmstart::python
