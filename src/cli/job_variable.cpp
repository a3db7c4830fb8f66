#include "cli/job_parts.hpp"

namespace warmstart::detail::cli {
namespace {

// Adds the place of `from` to an error of the library. Read inner values before `make`: their
// errors already have a place.
template <class Make>
auto made_from(const json_value& from, Make make) {
  try {
    return make();
  } catch (const error& bad) {
    from.refuse(bad.what());
  }
}

dtype parse_dtype(const json_value& from) {
  const auto type = dtype_from_name(from.string());
  if (!type) from.refuse("there is no dtype " + from.string());
  return *type;
}

int parse_axis(const std::optional<json_value>& from) {
  if (!from) return 0;
  const std::int64_t axis = from->integer();
  if (axis < 0 || axis > 254) from->refuse("there is no dimension " + std::to_string(axis));
  return static_cast<int>(axis);
}

std::int64_t at_least_one(const json_value& from) {
  const std::int64_t value = from.integer();
  if (value < 1) from.refuse("expected at least 1, found " + std::to_string(value));
  return value;
}

partitioner parse_partitioner(const json_value& from) {
  const json_value type = from.required("type");
  if (type.string() == "fixed_size") {
    from.require_fields({"type", "num_shards", "axis"});
    return fixed_size_partitioner(at_least_one(from.required("num_shards")),
                                  parse_axis(from.field("axis")));
  }
  if (type.string() == "variable_axis_size") {
    from.require_fields({"type", "max_shard_bytes", "axis", "max_shards"});
    const auto max_shards = from.field("max_shards");
    return variable_axis_size_partitioner(
        at_least_one(from.required("max_shard_bytes")), parse_axis(from.field("axis")),
        max_shards ? std::optional(at_least_one(*max_shards)) : std::nullopt);
  }
  if (type.string() == "min_max") {
    from.require_fields({"type", "max_partitions", "axis", "min_slice_size"});
    const auto most = from.field("max_partitions");
    const auto least = from.field("min_slice_size");
    return min_max_variable_partitioner(most ? at_least_one(*most) : 1,
                                        parse_axis(from.field("axis")),
                                        least ? at_least_one(*least) : 256 << 10);
  }
  type.refuse("expected fixed_size, variable_axis_size or min_max, found " + type.string());
}

std::vector<device> parse_devices(const json_value& from) {
  std::vector<device> devices;
  for (const json_value& item : from.items()) {
    const std::string name = item.string();
    devices.push_back(made_from(item, [&] { return device(name); }));
  }
  if (devices.empty()) from.refuse("expected at least one device");
  return devices;
}

double number_or(const json_value& from, const std::string& name, double otherwise) {
  const auto found = from.field(name);
  return found ? found->number() : otherwise;
}

initializer parse_initializer(const json_value& from) {
  const json_value type_field = from.required("type");
  const std::string type = type_field.string();
  const auto seed = [&]() -> std::optional<std::uint64_t> {
    const auto found = from.field("seed");
    return found ? std::optional(found->natural()) : std::nullopt;
  };
  if (type == "zeros" || type == "ones" || type == "uninitialized") {
    from.require_fields({"type"});
    return type == "zeros" ? zeros() : type == "ones" ? ones() : uninitialized();
  }
  if (type == "constant") {
    from.require_fields({"type", "value"});
    return constant(from.required("value").number());
  }
  if (type == "uniform") {
    from.require_fields({"type", "minval", "maxval", "seed"});
    return uniform(number_or(from, "minval", -0.05), number_or(from, "maxval", 0.05), seed());
  }
  if (type == "normal" || type == "truncated_normal") {
    from.require_fields({"type", "mean", "stddev", "seed"});
    const double mean = number_or(from, "mean", 0);
    const double stddev = number_or(from, "stddev", 0.05);
    return type == "normal" ? normal(mean, stddev, seed()) : truncated_normal(mean, stddev, seed());
  }
  if (type == "glorot_uniform" || type == "glorot_normal") {
    from.require_fields({"type", "seed"});
    return type == "glorot_uniform" ? glorot_uniform(seed()) : glorot_normal(seed());
  }
  type_field.refuse("there is no initializer " + type);
}

placement parse_placement(const json_value& from) {
  const auto devices = from.field("devices");
  const auto replicas = from.field("replicas");
  if (devices && replicas) replicas->refuse("cannot be given together with devices");
  if (devices) return round_robin(parse_devices(*devices));
  if (replicas) return replicated(parse_devices(*replicas));
  return {};
}

}  // namespace

job_variable parse_variable(const json_value& from) {
  from.require_fields(
      {"name", "dtype", "shape", "partitions", "devices", "replicas", "initializer"});
  job_variable made;
  made.name = from.required("name").string();
  const json_value sizes = from.required("shape");
  const std::vector<std::int64_t> numbers = sizes.integers();
  made.shape = made_from(sizes, [&] { return shape(numbers); });
  if (const auto type = from.field("dtype")) made.options.type = parse_dtype(*type);
  if (const auto parts = from.field("partitions")) {
    made.options.partitioner =
        parts->is_object() ? parse_partitioner(*parts) : explicit_partitioner(parts->integers());
  }
  made.options.placement = parse_placement(from);
  const auto init = from.field("initializer");
  made.options.initializer = init ? parse_initializer(*init) : zeros();
  return made;
}

}  // namespace warmstart::detail::cli
