#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "variables/variable_state.hpp"
#include "warmstart/error.hpp"
#include "warmstart/initializer.hpp"

namespace warmstart {

using namespace detail;

namespace {

// Standard deviation of a standard normal distribution truncated at two standard deviations.
// Dividing by it results in the requested variance after truncation.
constexpr double TRUNCATED_STDDEV = 0.87962566103423978;

initializer make(initializer::kind type, double a, double b, std::optional<std::uint64_t> seed) {
  return {.type = type, .a = a, .b = b, .seed = seed};
}

// fan_in and fan_out as in TensorFlow: the last two dimensions, each multiplied by the receptive
// field, which is the product of the other dimensions.
struct fans {
  double in = 1;
  double out = 1;
};

fans fans_of(const shape& of) {
  if (of.rank() == 0) return {};
  if (of.rank() == 1) return {static_cast<double>(of[0]), static_cast<double>(of[0])};
  double field = 1;
  for (int d = 0; d < of.rank() - 2; ++d) field *= static_cast<double>(of[d]);
  return {field * static_cast<double>(of[of.rank() - 2]),
          field * static_cast<double>(of[of.rank() - 1])};
}

double glorot_scale(const shape& of) {
  const fans f = fans_of(of);
  return 1.0 / std::max(1.0, (f.in + f.out) / 2.0);
}

// FNV-1a, then splitmix64's finalizer, so that similar names have very different seeds.
std::uint64_t seed_from_name(const std::string& name) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9U;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebU;
  return hash ^ (hash >> 31);
}

fill_spec spec_of(const initializer& init, const shape& full_shape) {
  using distribution = fill_spec::distribution;
  switch (init.type) {
    case initializer::kind::uninitialized:
    case initializer::kind::zeros:
      return {.kind = distribution::constant, .a = 0};
    case initializer::kind::ones:
      return {.kind = distribution::constant, .a = 1};
    case initializer::kind::constant:
      return {.kind = distribution::constant, .a = init.a};
    case initializer::kind::uniform:
      return {.kind = distribution::uniform, .a = init.a, .b = init.b};
    case initializer::kind::normal:
      return {.kind = distribution::normal, .a = init.a, .b = init.b};
    case initializer::kind::truncated_normal:
      return {.kind = distribution::truncated_normal, .a = init.a, .b = init.b};
    case initializer::kind::glorot_uniform: {
      const double limit = std::sqrt(3.0 * glorot_scale(full_shape));
      return {.kind = distribution::uniform, .a = -limit, .b = limit};
    }
    case initializer::kind::glorot_normal:
      return {.kind = distribution::truncated_normal,
              .a = 0,
              .b = std::sqrt(glorot_scale(full_shape)) / TRUNCATED_STDDEV};
  }
  return {};
}

// The arguments, for initializers whose arguments decide whether a type can be initialized.
std::string arguments_of(const initializer& init) {
  if (init.type == initializer::kind::constant) return fmt::format("{} ", init.a);
  if (init.type == initializer::kind::uniform) return fmt::format("[{}, {}) ", init.a, init.b);
  return {};
}

}  // namespace

std::string_view name_of(initializer::kind type) noexcept {
  switch (type) {
    case initializer::kind::zeros:
      return "zeros";
    case initializer::kind::ones:
      return "ones";
    case initializer::kind::constant:
      return "constant";
    case initializer::kind::uniform:
      return "uniform";
    case initializer::kind::normal:
      return "normal";
    case initializer::kind::truncated_normal:
      return "truncated_normal";
    case initializer::kind::glorot_uniform:
      return "glorot_uniform";
    case initializer::kind::glorot_normal:
      return "glorot_normal";
    case initializer::kind::uninitialized:
      return "uninitialized";
  }
  return "";
}

initializer uninitialized() {
  return make(initializer::kind::uninitialized, 0, 0, {});
}
initializer zeros() {
  return make(initializer::kind::zeros, 0, 0, {});
}
initializer ones() {
  return make(initializer::kind::ones, 0, 0, {});
}
initializer constant(double value) {
  return make(initializer::kind::constant, value, 0, {});
}
initializer uniform(double minval, double maxval, std::optional<std::uint64_t> seed) {
  return make(initializer::kind::uniform, minval, maxval, seed);
}
initializer normal(double mean, double stddev, std::optional<std::uint64_t> seed) {
  return make(initializer::kind::normal, mean, stddev, seed);
}
initializer truncated_normal(double mean, double stddev, std::optional<std::uint64_t> seed) {
  return make(initializer::kind::truncated_normal, mean, stddev, seed);
}
initializer glorot_uniform(std::optional<std::uint64_t> seed) {
  return make(initializer::kind::glorot_uniform, 0, 0, seed);
}
initializer glorot_normal(std::optional<std::uint64_t> seed) {
  return make(initializer::kind::glorot_normal, 0, 0, seed);
}

fill_spec detail::resolve_initializer(const initializer& init, const std::string& name,
                                      const shape& full_shape) {
  fill_spec spec = spec_of(init, full_shape);
  spec.seed = init.seed ? *init.seed : seed_from_name(name);
  return spec;
}

initializer detail::default_initializer(dtype type) {
  const initializer glorot = glorot_uniform();
  return is_floating(type) && can_fill(spec_of(glorot, shape{1}), type) ? glorot : zeros();
}

void detail::check_initializer(const initializer& init, const std::string& name, dtype type) {
  const auto refuse = [&](const std::string& why) {
    throw error({.code = error_code::invalid_argument,
                 .message = "variable " + name + ": " + std::string(name_of(init.type)) + ' ' + why,
                 .variable = name,
                 .tensor = {}});
  };
  if (!can_fill(spec_of(init, shape{1}), type)) {
    refuse(arguments_of(init) + "cannot initialize " + std::string(name_of(type)));
  }
  if (init.type == initializer::kind::uniform && !(init.a < init.b)) {
    refuse("needs minval below maxval");
  }
  if (!(init.b >= 0) && init.type != initializer::kind::uniform) {
    refuse("needs a standard deviation of at least 0");
  }
}

}  // namespace warmstart
