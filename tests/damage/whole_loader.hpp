#pragma once

#include <string>
#include <vector>

#include "warmstart/warmstart.hpp"

namespace warmstart::detail::test {

/// An element or more of a checkpoint, as they were loaded.
struct loaded_value {
  std::string name;
  std::string bytes;
  bool verified = true;  ///< by a stored checksum
  friend bool operator==(const loaded_value&, const loaded_value&) = default;
};

struct loaded_checkpoint {
  std::string prefix;
  std::vector<loaded_value> values;
  friend bool operator==(const loaded_checkpoint&, const loaded_checkpoint&) = default;
};

/// Loads everything that a checkpoint has, as programs do: variables by an assignment map, strings
/// by name.
class whole_loader {
 public:
  /// What is in the checkpoint is learnt once, while it is whole.
  explicit whole_loader(std::string path)
      : path_(std::move(path)), tensors_(checkpoint::open(path_).tensors()) {}

  loaded_checkpoint operator()() {
    variable_store vars{"cpu:0"};
    for (const tensor_info& tensor : tensors_) {
      if (tensor.type == dtype::string) continue;
      vars.get_variable(tensor.name, tensor.full_shape, {.type = tensor.type});
    }
    init_from_checkpoint(vars, path_, {{"/", "/"}});
    const load_report report = run_initializers(vars, {.engine = &engine_});
    const checkpoint source = checkpoint::open(path_);
    loaded_checkpoint made{.prefix = source.path(), .values = {}};
    for (const loaded_row& row : report.rows) {
      const variable v = *vars.find(row.variable);
      made.values.push_back(
          {.name = row.variable,
           .bytes = {static_cast<const char*>(v.data()), static_cast<std::size_t>(v.size_bytes())},
           .verified = row.checked});
    }
    for (const tensor_info& tensor : tensors_) {
      if (tensor.type != dtype::string) continue;
      for (std::string& one : source.read_strings(tensor.name)) {
        made.values.push_back({.name = tensor.name, .bytes = std::move(one)});
      }
    }
    return made;
  }

 private:
  std::string path_;
  std::vector<tensor_info> tensors_;
  engine engine_{{.reader_threads = 1}};
};

/// The values are those that were stored, or say that they are not verified.
inline bool is_honest(const loaded_checkpoint& loaded, const loaded_checkpoint& stored) {
  if (loaded.values.size() != stored.values.size() || loaded.prefix != stored.prefix) return false;
  for (std::size_t i = 0; i < loaded.values.size(); ++i) {
    if (loaded.values[i] != stored.values[i] && loaded.values[i].verified) return false;
  }
  return true;
}

}  // namespace warmstart::detail::test
