#include "warmstart/load_checkpoint.hpp"

#include <utility>

#include "api/assign.hpp"
#include "base/boundary.hpp"
#include "load/open_once.hpp"
#include "load/tensor_info.hpp"
#include "warmstart/error.hpp"
#include "warmstart/init_from_checkpoint.hpp"

namespace warmstart {

using namespace detail;

namespace {

// Adds a variable for a tensor. Returns why it cannot, or an empty string.
std::string add_variable(variable_store& store, const tensor_info& tensor, assignment_map& map) {
  if (!tensor.refusal.empty()) return tensor.refusal;
  if (tensor.missing_elements != 0) {
    return std::to_string(tensor.missing_elements) + " of its elements are not stored";
  }
  if (tensor.name.ends_with('/')) return "its name is also the name of a scope";
  try {
    map.add(tensor.name, store.get_variable(tensor.name, tensor.full_shape,
                                            {.type = tensor.type, .initializer = uninitialized()}));
    return {};
  } catch (const error& bad) {
    return bad.what();
  }
}

}  // namespace

loaded_checkpoint load_checkpoint(const std::string& path, const device& device,
                                  const load_options& options,
                                  std::shared_ptr<const file_system> files) {
  loaded_checkpoint made{.variables = variable_store(device), .report = {}, .left_out = {}};
  at_boundary([&] {
    store_state& state = variable_access::state(made.variables);
    const auto source = open_once(files, state.opened, path, "");
    assignment_map map;
    for (const catalog_tensor& tensor : source->tensors) {
      std::string reason = add_variable(made.variables, describe_tensor(*source, tensor), map);
      if (!reason.empty()) made.left_out.push_back({tensor.name, std::move(reason)});
    }
    (void)detail::assign(state, source, path, map, {});
  });
  made.report = run_initializers(made.variables, options);
  return made;
}

}  // namespace warmstart
