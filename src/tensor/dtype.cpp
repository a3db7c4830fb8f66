#include "warmstart/dtype.hpp"

#include <algorithm>
#include <array>

namespace warmstart {
namespace {

enum class family : std::uint8_t { other, floating, integer };

struct dtype_row {
  std::string_view name;
  std::uint8_t size;
  std::uint8_t swap_unit;
  family kind;
  bool castable;
};

// Indexed by TensorFlow's DataType number.
constexpr std::array<dtype_row, 37> TABLE = {{
    {"invalid", 0, 1, family::other, false},
    {"float32", 4, 4, family::floating, true},
    {"float64", 8, 8, family::floating, true},
    {"int32", 4, 4, family::integer, true},
    {"uint8", 1, 1, family::integer, true},
    {"int16", 2, 2, family::integer, true},
    {"int8", 1, 1, family::integer, true},
    {"string", 0, 1, family::other, false},
    {"complex64", 8, 4, family::other, false},
    {"int64", 8, 8, family::integer, true},
    {"bool", 1, 1, family::other, true},
    {"qint8", 1, 1, family::other, false},
    {"quint8", 1, 1, family::other, false},
    {"qint32", 4, 4, family::other, false},
    {"bfloat16", 2, 2, family::floating, true},
    {"qint16", 2, 2, family::other, false},
    {"quint16", 2, 2, family::other, false},
    {"uint16", 2, 2, family::integer, true},
    {"complex128", 16, 8, family::other, false},
    {"float16", 2, 2, family::floating, true},
    {"resource", 0, 1, family::other, false},
    {"variant", 0, 1, family::other, false},
    {"uint32", 4, 4, family::integer, true},
    {"uint64", 8, 8, family::integer, true},
    {"float8_e5m2", 1, 1, family::floating, true},
    {"float8_e4m3fn", 1, 1, family::floating, true},
    {"float8_e4m3fnuz", 1, 1, family::floating, false},
    {"float8_e4m3b11fnuz", 1, 1, family::floating, false},
    {"float8_e5m2fnuz", 1, 1, family::floating, false},
    {"int4", 1, 1, family::integer, false},
    {"uint4", 1, 1, family::integer, false},
    {"int2", 1, 1, family::integer, false},
    {"uint2", 1, 1, family::integer, false},
    {"float4_e2m1fn", 1, 1, family::floating, false},
    {"float8_e8m0fnu", 1, 1, family::floating, false},
    {"float6_e2m3fn", 1, 1, family::floating, false},
    {"float6_e3m2fn", 1, 1, family::floating, false},
}};

constexpr std::int64_t LAST_OF_TENSORFLOW = 33;

const dtype_row& row(dtype type) noexcept {
  const auto number = static_cast<std::size_t>(type);
  return TABLE[number < TABLE.size() ? number : 0];
}

}  // namespace

std::string_view name_of(dtype type) noexcept {
  return row(type).name;
}

std::optional<dtype> dtype_from_name(std::string_view name) noexcept {
  if (name == "float") return dtype::float32;
  if (name == "double") return dtype::float64;
  if (name == "half") return dtype::float16;
  for (std::size_t number = 1; number < TABLE.size(); ++number) {
    if (TABLE[number].name == name) return static_cast<dtype>(number);
  }
  return std::nullopt;
}

std::optional<dtype> dtype_from_number(std::int64_t number) noexcept {
  if (number < 1 || number > LAST_OF_TENSORFLOW) return std::nullopt;
  return static_cast<dtype>(number);
}

std::size_t size_of(dtype type) noexcept {
  return row(type).size;
}
std::size_t swap_unit(dtype type) noexcept {
  return row(type).swap_unit;
}
bool is_floating(dtype type) noexcept {
  return row(type).kind == family::floating;
}
bool is_integer(dtype type) noexcept {
  return row(type).kind == family::integer;
}
bool can_cast(dtype from, dtype to) noexcept {
  return row(from).castable && row(to).castable;
}

}  // namespace warmstart
