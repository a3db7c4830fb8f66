#include "loads.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/units.hpp"
#include "stopwatch.hpp"

namespace warmstart::detail {
namespace {

std::int64_t at_least_one(std::int64_t count) {
  return std::max<std::int64_t>(count, 1);
}

// Rows of 1024 float32.
named_load big(std::int64_t divisor) {
  return {.name = "big",
          .model = {{"t", dtype::float32, {at_least_one(gibibyte / 1024 / divisor), 1024}}},
          .ways = {{.name = "one tensor", .at_least = 0.8, .fresh_at_least = 0.85}}};
}

// Sizes from 4 KiB to 1 MiB, uniform in the exponent: 188 KiB on average.
named_load many(std::int64_t divisor) {
  named_load made{
      .name = "many",
      .ways = {{.name = "many small tensors", .at_least = 0.7, .fresh_at_least = 0.85}}};
  const std::int64_t count = at_least_one(20'000 / divisor);
  for (std::int64_t i = 0; i < count; ++i) {
    const double exponent = static_cast<double>(i * 7919 % count) / static_cast<double>(count);
    const auto floats = static_cast<std::int64_t>(1024 * std::exp2(8 * exponent));
    made.model.push_back({"t" + std::to_string(100'000 + i), dtype::float32, {floats}});
  }
  return made;
}

// A decoder with 14 layers of width 2048 and an embedding: 3 GiB.
named_load mix(std::int64_t divisor) {
  const auto width = static_cast<std::int64_t>(2048 / std::sqrt(static_cast<double>(divisor)));
  named_load made{.name = "mix",
                  .ways = {{.name = "transformer", .at_least = 0.8, .fresh_at_least = 0.85}}};
  const auto add = [&](const std::string& name, const shape& of) {
    made.model.push_back({"model/" + name, dtype::float32, of});
  };
  add("embedding", {at_least_one(50'257 * width / 2048), width});
  for (int i = 0; i < 14; ++i) {
    const std::string layer = "layer_" + std::to_string(10 + i) + '/';
    for (const char* kernel : {"query", "key", "value", "output"}) {
      add(layer + kernel + "/kernel", {width, width});
      add(layer + kernel + "/bias", {width});
    }
    add(layer + "up/kernel", {width, 4 * width});
    add(layer + "up/bias", {4 * width});
    add(layer + "down/kernel", {4 * width, width});
    add(layer + "down/bias", {width});
    for (const char* norm : {"norm_0", "norm_1"}) {
      add(layer + norm + "/gamma", {width});
      add(layer + norm + "/beta", {width});
    }
  }
  return made;
}

// 2 GiB in rows of 1024 float32.
named_load embedding(std::int64_t divisor) {
  named_load made{
      .name = "embedding",
      .model = {{"t", dtype::float32, {at_least_one(gibibyte / 2048 / divisor), 1024}}},
      .ways = {{.name = "1 row part", .parts = fixed_size_partitioner(1), .fresh_at_least = 0.85}}};
  for (const int parts : {4, 16, 64}) {
    made.ways.push_back({.name = std::to_string(parts) + " row parts",
                         .parts = fixed_size_partitioner(parts),
                         .of_first = parts == 64 ? 1 / 1.05 : 0});
  }
  made.ways.push_back({.name = "8 column parts", .parts = fixed_size_partitioner(8, 1)});
  return made;
}

// 1 GiB, converted to 2 GiB.
named_load cast(std::int64_t divisor) {
  return {.name = "cast",
          .model = {{"t", dtype::bfloat16, {at_least_one(gibibyte / 2048 / divisor), 1024}}},
          .ways = {{.name = "bfloat16 to float32", .wanted = dtype::float32}}};
}

}  // namespace

std::int64_t named_load::memory_bytes(const way& how) const {
  std::int64_t sum = 0;
  for (const stored_tensor& one : model) {
    sum += one.shape.element_count() *
           static_cast<std::int64_t>(size_of(how.wanted.value_or(one.type)));
  }
  return sum;
}

named_load make_load(std::string_view name, std::int64_t divisor) {
  constexpr std::pair<std::string_view, named_load (*)(std::int64_t)> ALL[] = {
      {"big", big}, {"many", many}, {"mix", mix}, {"embedding", embedding}, {"cast", cast}};
  for (const auto& [known, make] : ALL) {
    if (known == name) return make(divisor);
  }
  throw error(error_code::not_found, "there is no load " + std::string(name));
}

single_load::single_load(const named_load& what, const way& how, const device& where,
                         const std::shared_ptr<memory_resource>& memory)
    : casts_(how.wanted.has_value()), vars_(where, memory) {
  for (const stored_tensor& one : what.model) {
    vars_.get_variable(one.name, one.shape,
                       {.type = how.wanted.value_or(one.type), .partitioner = how.parts});
  }
}

void single_load::resolve(const std::string& prefix) {
  init_from_checkpoint(vars_, prefix, {{"/", "/"}}, {.cast = casts_});
}

double single_load::run(const load_options& options) {
  return seconds_of([&] { run_initializers(vars_, options); });
}

void single_load::verify_all() {
  if (!verify(vars_).complete()) {
    throw error(error_code::corrupt, "the bytes in memory differ from the stored ones");
  }
}

}  // namespace warmstart::detail
