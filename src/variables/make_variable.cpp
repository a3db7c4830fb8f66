#include "variables/make_variable.hpp"

#include <algorithm>
#include <utility>

#include "base/checked.hpp"
#include "variables/partition.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw error({.code = error_code::invalid_argument,
               .message = "variable " + name + ' ' + why,
               .variable = name,
               .tensor = {}});
}

std::int64_t checked_size_bytes(const std::string& name, const shape& shape, dtype type) {
  const auto element = static_cast<std::int64_t>(size_of(type));
  if (element == 0) {
    refuse(name, "cannot have dtype " + std::string(name_of(type)) +
                     ": expected a dtype with elements of a fixed size");
  }
  const auto bytes = checked_multiply(shape.element_count(), element);
  if (!bytes) refuse(name, "of shape " + to_string(shape) + " has more than 2^63 bytes");
  return *bytes;
}

std::vector<replica_state> place_replicas(const store_state& store, const variable_state& variable,
                                          const placement& place, std::size_t part) {
  std::vector<device> devices = {store.default_device};
  if (!place.devices.empty() && place.distribution == placement::rule::replicated) {
    devices = place.devices;
    std::sort(devices.begin(), devices.end());
    if (std::adjacent_find(devices.begin(), devices.end()) != devices.end()) {
      refuse(variable.name, "cannot have two replicas on one device");
    }
    devices = place.devices;
  } else if (!place.devices.empty()) {
    devices = {place.devices[part % place.devices.size()]};
  }
  std::vector<replica_state> replicas;
  for (const device& where : devices) replicas.push_back({.device = where});
  return replicas;
}

slice box_within(const std::string& name, const slice& where, const shape& full) {
  try {
    return where.within(full);
  } catch (const error& bad) {
    throw error({.code = error_code::mismatch,
                 .message = "variable " + name + ": " + bad.what(),
                 .variable = name,
                 .tensor = {}});
  }
}

// The slices that the caller asks for, as explicit ones.
std::vector<slice> checked_slices(const std::string& name, const shape& of,
                                  const variable_options& options) {
  if (options.partitioner) refuse(name, "cannot have both slices and a partitioner");
  std::vector<slice> slices;
  for (const slice& one : options.slices) slices.push_back(box_within(name, one, of));
  return slices;
}

std::shared_ptr<variable_state> make_variable(const store_state& store, const std::string& name,
                                              const shape& shape, const variable_options& options,
                                              const std::optional<partitioner>& partition) {
  (void)checked_size_bytes(name, shape, options.type);
  const auto made = std::make_shared<variable_state>();
  made->name = name;
  made->type = options.type;
  made->full_shape = shape;
  made->init = options.initializer ? *options.initializer : default_initializer(options.type);
  check_initializer(made->init, name, options.type);
  made->memory = options.memory ? options.memory : store.memory;
  std::vector<slice> slices = {slice::all_of(shape)};
  if (partition) {
    made->partitioned = true;
    made->part_counts = count_parts(*partition, name, shape, options.type);
    slices = cut_into_parts(shape, made->part_counts);
  } else if (!options.slices.empty()) {
    made->partitioned = true;
    slices = checked_slices(name, shape, options);
  }
  for (std::size_t i = 0; i < slices.size(); ++i) {
    part_state part;
    part.name = made->partitioned ? name + "/part_" + std::to_string(i) : name;
    part.shape = slices[i].lengths();
    part.slice = std::move(slices[i]);
    part.replicas = place_replicas(store, *made, options.placement, i);
    made->parts.push_back(std::move(part));
  }
  return made;
}

std::vector<slice> slices_of(const variable_state& variable) {
  std::vector<slice> slices;
  for (const part_state& part : variable.parts) slices.push_back(part.slice);
  return slices;
}

// Returns the existing variable if it matches the request.
variable reuse_variable(const std::shared_ptr<variable_state>& known, const shape& shape,
                        const variable_options& options,
                        const std::optional<partitioner>& partition) {
  const std::string& name = known->name;
  if (known->full_shape != shape) {
    refuse(name, "already exists with shape " + to_string(known->full_shape) + ", not " +
                     to_string(shape));
  }
  if (known->type != options.type) {
    refuse(name, "already exists with dtype " + std::string(name_of(known->type)) + ", not " +
                     std::string(name_of(options.type)));
  }
  if (partition && !known->partitioned) {
    refuse(name, "already exists without partitions, but a partitioner was given");
  }
  if (partition && count_parts(*partition, name, shape, options.type) != known->part_counts) {
    refuse(name, "already exists with different partitions");
  }
  if (!options.slices.empty() && checked_slices(name, shape, options) != slices_of(*known)) {
    refuse(name, "already exists with other slices");
  }
  return variable_access::handle(known, -1);
}

// The name of a new variable must be free, and must not make it look like a partitioned variable.
void require_free(const store_state& store, const variable_state& made) {
  if (store.index.find_exactly(made.name))
    refuse(made.name, "already exists; get it from a scope with reuse_mode::reuse");
  const std::string first_part = made.name + "/part_0";
  if (!made.partitioned && store.index.find_exactly(first_part)) {
    refuse(made.name, "needs a partitioner, because " + first_part + " already exists");
  }
  if (!made.partitioned) return;
  for (const part_state& part : made.parts) {
    if (store.index.find_exactly(part.name)) refuse(part.name, "already exists");
  }
}

}  // namespace

variable get_or_make_variable(store_state& store, const std::string& name, const shape& shape,
                              const variable_options& options, reuse_mode reuse) {
  if (name.empty()) refuse("''", "needs a name");
  const bool is_cut_by_partitioner = shape.rank() > 0 && options.slices.empty();
  const auto partition = is_cut_by_partitioner ? options.partitioner : std::nullopt;
  const auto found = store.index.find_exactly(name);
  const bool exists = found.has_value();
  if (!exists && reuse == reuse_mode::reuse) {
    refuse(name, "does not exist, and the scope only reuses variables");
  }
  if (exists && reuse != reuse_mode::create) {
    const auto& known = store.variables[store.index.rows()[found->rows.front()].variable];
    if (known->name != name) {
      refuse(name, "is a part of " + known->name + "; get that variable and use its parts()");
    }
    // As in TensorFlow, the partitioner may be omitted only in `reuse` mode.
    if (!partition && options.slices.empty() && known->partitioned &&
        reuse == reuse_mode::automatic) {
      refuse(name, "already exists with partitions, but no partitioner was given");
    }
    return reuse_variable(known, shape, options, partition);
  }
  auto made = make_variable(store, name, shape, options, partition);
  require_free(store, *made);
  register_variable(store, made);
  return variable_access::handle(std::move(made), -1);
}

variable wrap_variable(store_state& store, const std::string& name, const shape& full_shape,
                       const slice& box, dtype type, void* data, std::size_t size_bytes,
                       const device& device) {
  if (name.empty()) refuse("''", "needs a name");
  (void)checked_size_bytes(name, full_shape, type);
  part_state part;
  part.name = name;
  part.slice = box_within(name, box, full_shape);
  part.shape = part.slice.lengths();
  const std::int64_t needed = checked_size_bytes(name, part.shape, type);
  if (static_cast<std::uint64_t>(needed) != size_bytes) {
    refuse(name, "of shape " + to_string(part.shape) + " and dtype " + std::string(name_of(type)) +
                     " needs " + std::to_string(needed) + " bytes, but the memory has " +
                     std::to_string(size_bytes));
  }
  if (data == nullptr && needed != 0) refuse(name, "needs memory: expected a pointer, found null");
  const auto made = std::make_shared<variable_state>();
  made->name = name;
  made->type = type;
  made->full_shape = full_shape;
  part.replicas.push_back({.device = device, .data = static_cast<std::byte*>(data)});
  made->parts.push_back(std::move(part));
  require_free(store, *made);
  register_variable(store, made);
  return variable_access::handle(made, -1);
}

}  // namespace warmstart::detail
