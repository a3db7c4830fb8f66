#include "formats/safetensors/types.hpp"

#include <algorithm>
#include <array>

namespace warmstart::detail {
namespace {

struct named_type {
  std::string_view name;
  safetensors_type is;
};

constexpr std::array SAFETENSORS_TYPES = {named_type{"F32", {dtype::float32, 32}},
                                          named_type{"F64", {dtype::float64, 64}},
                                          named_type{"F16", {dtype::float16, 16}},
                                          named_type{"BF16", {dtype::bfloat16, 16}},
                                          named_type{"I8", {dtype::int8, 8}},
                                          named_type{"I16", {dtype::int16, 16}},
                                          named_type{"I32", {dtype::int32, 32}},
                                          named_type{"I64", {dtype::int64, 64}},
                                          named_type{"U8", {dtype::uint8, 8}},
                                          named_type{"U16", {dtype::uint16, 16}},
                                          named_type{"U32", {dtype::uint32, 32}},
                                          named_type{"U64", {dtype::uint64, 64}},
                                          named_type{"BOOL", {dtype::boolean, 8}},
                                          named_type{"C64", {dtype::complex64, 64}},
                                          named_type{"F8_E5M2", {dtype::float8_e5m2, 8}},
                                          named_type{"F8_E4M3", {dtype::float8_e4m3fn, 8}},
                                          named_type{"F8_E4M3FNUZ", {dtype::float8_e4m3fnuz, 8}},
                                          named_type{"F8_E5M2FNUZ", {dtype::float8_e5m2fnuz, 8}},
                                          named_type{"F8_E8M0", {dtype::float8_e8m0fnu, 8}},
                                          named_type{"F4", {dtype::float4_e2m1fn, 4}},
                                          named_type{"F6_E2M3", {dtype::float6_e2m3fn, 6}},
                                          named_type{"F6_E3M2", {dtype::float6_e3m2fn, 6}}};

}  // namespace

std::optional<safetensors_type> find_safetensors_type(std::string_view name) {
  const auto found = std::find_if(SAFETENSORS_TYPES.begin(), SAFETENSORS_TYPES.end(),
                                  [&](const named_type& one) { return one.name == name; });
  return found == SAFETENSORS_TYPES.end() ? std::nullopt : std::optional(found->is);
}

}  // namespace warmstart::detail
