#include "warmstart/variable.hpp"

#include <utility>

#include "variables/variable_state.hpp"
#include "warmstart/error.hpp"

namespace warmstart {

using namespace detail;

namespace {

[[noreturn]] void refuse_call(const variable& v, const std::string& why) {
  throw error({.code = error_code::invalid_argument,
               .message = "variable " + v.name() + ' ' + why,
               .variable = v.name(),
               .tensor = {}});
}

}  // namespace

std::string slice_info::spec() const {
  std::string text;
  for (const std::int64_t size : full_shape.sizes()) text += std::to_string(size) + ' ';
  return text + to_string(slice);
}

const std::string& variable::name() const noexcept {
  return part_ < 0 ? state_->name : state_->parts[static_cast<std::size_t>(part_)].name;
}
dtype variable::type() const noexcept {
  return state_->type;
}
const shape& variable::shape() const noexcept {
  if (is_partitioned()) return state_->full_shape;
  return state_->parts[part_ < 0 ? 0 : static_cast<std::size_t>(part_)].shape;
}
std::int64_t variable::size_bytes() const noexcept {
  return shape().element_count() * static_cast<std::int64_t>(size_of(state_->type));
}
bool variable::is_partitioned() const noexcept {
  return part_ < 0 && state_->partitioned;
}
bool variable::is_part() const noexcept {
  return part_ >= 0;
}

void variable::require_type(dtype wanted) const {
  if (state_->type == wanted) return;
  throw error({.code = error_code::mismatch,
               .message = "variable " + name() + " has elements of dtype " +
                          std::string(name_of(state_->type)) + ", not " +
                          std::string(name_of(wanted)),
               .variable = name(),
               .tensor = {}});
}

std::vector<variable> variable::parts() const {
  if (!is_partitioned()) return {*this};
  std::vector<variable> all;
  for (std::size_t i = 0; i < state_->parts.size(); ++i) {
    all.push_back(variable(state_, static_cast<int>(i)));
  }
  return all;
}

slice_info variable::info() const {
  return {.full_name = state_->name,
          .full_shape = state_->full_shape,
          .slice = variable_access::part_state_of(*this).slice};
}

std::vector<device> variable::devices() const {
  std::vector<device> all;
  for (const replica_state& one : variable_access::part_state_of(*this).replicas) {
    all.push_back(one.device);
  }
  return all;
}

void* variable::data(std::size_t replica) const {
  const replica_state& one = variable_access::replica(*this, replica);
  if (one.data == nullptr && size_bytes() != 0) {
    refuse_call(*this, "has no memory yet; call run_initializers");
  }
  return one.data;
}

bool variable::is_initialized(std::size_t replica) const {
  return variable_access::replica(*this, replica).initialized;
}

bool variable::is_ready(std::size_t replica) const {
  const replica_state& one = variable_access::replica(*this, replica);
  return one.initialized && (!one.ready || one.ready->done());
}

void variable::wait(std::size_t replica) const {
  const replica_state& one = variable_access::replica(*this, replica);
  if (!one.initialized) refuse_call(*this, "is not initialized; call run_initializers");
  if (one.ready) one.ready->wait();
}

const part_state& variable_access::part_state_of(const variable& v) {
  if (v.is_partitioned()) refuse_call(v, "is partitioned; use its parts()");
  return v.state_->parts[v.part_ < 0 ? 0 : static_cast<std::size_t>(v.part_)];
}

const replica_state& variable_access::replica(const variable& v, std::size_t number) {
  const auto& all = part_state_of(v).replicas;
  if (number >= all.size()) {
    refuse_call(v, "has no replica " + std::to_string(number) + "; expected a number below " +
                       std::to_string(all.size()));
  }
  return all[number];
}

}  // namespace warmstart
