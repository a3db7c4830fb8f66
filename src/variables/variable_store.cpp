#include "warmstart/variable_store.hpp"

#include <utility>

#include "variables/make_variable.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/error.hpp"

namespace warmstart {

using namespace detail;

namespace {

std::string join(const std::string& scope, std::string_view name) {
  return scope.empty() ? std::string(name) : scope + '/' + std::string(name);
}

// `encoder/` means the scope `encoder`.
std::string_view without_trailing_slash(std::string_view name) {
  if (name.ends_with('/')) name.remove_suffix(1);
  return name;
}

}  // namespace

placement round_robin(std::vector<device> devices) {
  return {.distribution = placement::rule::round_robin, .devices = std::move(devices)};
}
placement replicated(std::vector<device> devices) {
  return {.distribution = placement::rule::replicated, .devices = std::move(devices)};
}

variable_store::variable_store(device default_device, std::shared_ptr<memory_resource> memory)
    : state_(std::make_shared<store_state>()) {
  state_->default_device = default_device;
  state_->memory = std::move(memory);
}

store_state& variable_access::state(const variable_store& store) {
  if (!store.state_) {
    throw error(error_code::invalid_argument, "this variable_store was moved from");
  }
  return *store.state_;
}

variable_scope variable_store::scope(std::string_view name, scope_options options) const {
  (void)variable_access::state(*this);  // throws for a moved-from store
  return variable_scope(state_, std::string(without_trailing_slash(name)), std::move(options));
}

variable variable_store::get_variable(std::string_view name, const shape& shape,
                                      const variable_options& options) {
  return get_or_make_variable(variable_access::state(*this), std::string(name), shape, options,
                              reuse_mode::create);
}

variable variable_store::wrap(std::string_view name, const shape& shape, dtype type, void* data,
                              std::size_t size_bytes, const device& device) {
  return wrap(name, shape, slice::all_of(shape), type, data, size_bytes, device);
}

variable variable_store::wrap(std::string_view name, const shape& shape, dtype type, void* data,
                              std::size_t size_bytes, const device& device,
                              std::shared_ptr<void> owner) {
  return wrap(name, shape, slice::all_of(shape), type, data, size_bytes, device, std::move(owner));
}

variable variable_store::wrap(std::string_view name, const shape& full_shape, const slice& box,
                              dtype type, void* data, std::size_t size_bytes, const device& device,
                              std::shared_ptr<void> owner) {
  variable made = wrap_variable(variable_access::state(*this), std::string(name), full_shape, box,
                                type, data, size_bytes, device);
  if (owner) {
    variable_access::state(made).parts.front().replicas.front().release =
        [kept = std::move(owner)]() mutable { kept.reset(); };
  }
  return made;
}

namespace {

variable_state& state_in(const store_state& store, const variable& v) {
  if (v.is_part()) {
    throw error({.code = error_code::invalid_argument,
                 .message = "variable " + v.name() +
                            " is a part of another variable; pass the whole variable",
                 .variable = v.name(),
                 .tensor = {}});
  }
  return *store.rows[rows_in(store, v).front()].variable;
}

}  // namespace

void variable_store::erase(const variable& v) {
  store_state& store = variable_access::state(*this);
  unregister_variable(store, state_in(store, v));
}

void variable_store::reset(const variable& v) {
  for (part_state& part : state_in(variable_access::state(*this), v).parts) {
    part.load.reset();
    part.kept_from.clear();
    part.pending = true;
  }
}

std::optional<variable> variable_store::find(std::string_view name) const {
  const store_state& state = variable_access::state(*this);
  const auto found = state.index.find_exactly(name);
  if (!found) return std::nullopt;
  const variable_info& first = state.index.rows()[found->rows.front()];
  const bool is_whole = first.full_name == name;
  return variable_access::handle(state.variables[first.variable],
                                 is_whole ? -1 : static_cast<int>(first.part));
}

std::vector<variable> variable_store::variables() const {
  std::vector<variable> all;
  for (const auto& one : variable_access::state(*this).variables)
    all.push_back(variable_access::handle(one, -1));
  return all;
}

variable_scope variable_scope::scope(std::string_view name, scope_options options) const {
  if (!options.initializer) options.initializer = options_.initializer;
  if (!options.partitioner) options.partitioner = options_.partitioner;
  if (options.reuse == reuse_mode::create) options.reuse = options_.reuse;
  const std::string_view inner = without_trailing_slash(name);
  return variable_scope(store_, inner.empty() ? name_ : join(name_, inner), std::move(options));
}

variable variable_scope::get_variable(std::string_view name, const shape& shape,
                                      const variable_options& options) const {
  variable_options with_defaults = options;
  if (!with_defaults.initializer) with_defaults.initializer = options_.initializer;
  if (!with_defaults.partitioner && options.slices.empty()) {
    with_defaults.partitioner = options_.partitioner;
  }
  return get_or_make_variable(*store_, join(name_, name), shape, with_defaults, options_.reuse);
}

}  // namespace warmstart
