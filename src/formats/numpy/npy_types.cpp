#include "formats/numpy/npy_types.hpp"

#include <algorithm>
#include <array>

namespace warmstart::detail {
namespace {

struct described_type {
  std::string_view letters;
  dtype type;
  bool guessed = false;
};

constexpr std::array TYPES = {
    described_type{"f4", dtype::float32}, described_type{"f8", dtype::float64},
    described_type{"f2", dtype::float16}, described_type{"i1", dtype::int8},
    described_type{"i2", dtype::int16}, described_type{"i4", dtype::int32},
    described_type{"i8", dtype::int64}, described_type{"u1", dtype::uint8},
    described_type{"u2", dtype::uint16}, described_type{"u4", dtype::uint32},
    described_type{"u8", dtype::uint64}, described_type{"b1", dtype::boolean},
    described_type{"?", dtype::boolean}, described_type{"c8", dtype::complex64},
    described_type{"c16", dtype::complex128},
    // NumPy writes these ml_dtypes types without their names, so the type is a guess.
    described_type{"V2", dtype::bfloat16, true}, described_type{"f1", dtype::float8_e5m2, true}};

// Removes the byte order from the front; returns `|` if there is none.
char take_order(std::string_view& description) {
  constexpr std::string_view ORDERS = "<>=|";
  if (description.empty() || ORDERS.find(description[0]) == std::string_view::npos) return '|';
  const char order = description[0];
  description.remove_prefix(1);
  return order;
}

}  // namespace

npy_type find_npy_type(std::string_view description) {
  const char order = take_order(description);
  const auto found = std::find_if(TYPES.begin(), TYPES.end(), [&](const described_type& one) {
    return one.letters == description;
  });
  if (found == TYPES.end()) return {};
  return {.type = found->type, .swapped = order == '>', .guessed = found->guessed};
}

bool is_npy_type(std::string_view description) {
  (void)take_order(description);
  if (find_npy_type(description).type != dtype::invalid) return true;
  constexpr std::string_view OF_ANY_SIZE = "OSUVMma";
  return description == "f16" || description == "c32" ||
         (!description.empty() && OF_ANY_SIZE.find(description[0]) != std::string_view::npos);
}

}  // namespace warmstart::detail
