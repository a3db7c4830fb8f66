#include "variables/variable_state.hpp"

#include <new>
#include <string>
#include <utility>

#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

std::size_t allocated_bytes(const variable_state& variable, const part_state& part) {
  return static_cast<std::size_t>(part.shape.element_count()) * size_of(variable.type);
}

/// Blocks until no load writes to a replica's memory. Ignores a lost device, which writes nothing.
void wait_until_written(const replica_state& replica) noexcept {
  if (!replica.ready) return;
  try {
    replica.ready->wait();
  } catch (const error&) {
    // The device is lost.
  }
}

}  // namespace

variable_state::~variable_state() {
  for (part_state& part : parts) {
    for (replica_state& replica : part.replicas) {
      wait_until_written(replica);
      release_row({.variable = this, .part = &part, .replica = &replica});
      if (replica.release) replica.release();
    }
  }
}

void register_variable(store_state& store, std::shared_ptr<variable_state> made) {
  const auto number = static_cast<std::uint32_t>(store.variables.size());
  std::vector<variable_info> infos;
  for (std::size_t p = 0; p < made->parts.size(); ++p) {
    part_state& part = made->parts[p];
    for (std::size_t r = 0; r < part.replicas.size(); ++r) {
      infos.push_back({.name = part.name,
                       .full_name = made->name,
                       .variable = number,
                       .part = static_cast<std::uint32_t>(p),
                       .replica = static_cast<std::uint32_t>(r),
                       .partitioned = made->partitioned,
                       .type = made->type,
                       .full_shape = made->full_shape,
                       .slice = part.slice,
                       .placed_on = part.replicas[r].device});
      store.rows.push_back({.variable = made.get(), .part = &part, .replica = &part.replicas[r]});
    }
  }
  store.index.add(std::move(infos));
  store.variables.push_back(std::move(made));
}

std::span<const std::uint32_t> rows_in(const store_state& store, const variable& v) {
  const variable_state& state = variable_access::state(v);
  const auto named = store.index.find_exactly(state.name);
  if (named && store.rows[named->rows.front()].variable == &state) return named->rows;
  throw error({.code = error_code::invalid_argument,
               .message = "variable " + v.name() + " is not in this store",
               .variable = v.name(),
               .tensor = {}});
}

void unregister_variable(store_state& store, const variable_state& erased) {
  store_state rest;
  for (const auto& one : store.variables) {
    if (one.get() != &erased) register_variable(rest, one);
  }
  store.variables = std::move(rest.variables);
  store.index = std::move(rest.index);
  store.rows = std::move(rest.rows);
}

void allocate_row(const row_ref& row) {
  const std::size_t bytes = allocated_bytes(*row.variable, *row.part);
  if (bytes == 0 || row.replica->data != nullptr) return;
  const auto refuse = [&](const std::string& why) {
    throw error({.code = error_code::out_of_memory,
                 .message = "variable " + row.part->name + " on " + to_string(row.replica->device) +
                            ": " + why,
                 .variable = row.part->name,
                 .tensor = {}});
  };
  try {
    row.replica->data =
        static_cast<std::byte*>(row.variable->memory->allocate(bytes, row.replica->device));
  } catch (const std::bad_alloc&) {
    refuse("cannot allocate " + std::to_string(bytes) + " bytes");
  } catch (const error& bad) {
    if (bad.code() != error_code::out_of_memory) throw;
    refuse(bad.what());
  }
  row.replica->owner = row.variable->memory;
}

void release_row(const row_ref& row) noexcept {
  replica_state& replica = *row.replica;
  if (!replica.owner) return;
  replica.owner->deallocate(replica.data, allocated_bytes(*row.variable, *row.part),
                            replica.device);
  replica.data = nullptr;
  replica.owner.reset();
}

}  // namespace warmstart::detail
