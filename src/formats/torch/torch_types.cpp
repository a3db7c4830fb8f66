#include "formats/torch/torch_types.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace warmstart::detail {
namespace {

struct torch_type_names {
  std::string_view name;
  std::string_view storage;  ///< empty: no storage class
  torch_type is;
};

constexpr std::array TORCH_TYPES = {
    torch_type_names{"float32", "FloatStorage", {dtype::float32, 4}},
    torch_type_names{"float64", "DoubleStorage", {dtype::float64, 8}},
    torch_type_names{"float16", "HalfStorage", {dtype::float16, 2}},
    torch_type_names{"bfloat16", "BFloat16Storage", {dtype::bfloat16, 2}},
    torch_type_names{"int8", "CharStorage", {dtype::int8, 1}},
    torch_type_names{"int16", "ShortStorage", {dtype::int16, 2}},
    torch_type_names{"int32", "IntStorage", {dtype::int32, 4}},
    torch_type_names{"int64", "LongStorage", {dtype::int64, 8}},
    torch_type_names{"uint8", "ByteStorage", {dtype::uint8, 1}},
    torch_type_names{"uint16", "", {dtype::uint16, 2}},
    torch_type_names{"uint32", "", {dtype::uint32, 4}},
    torch_type_names{"uint64", "", {dtype::uint64, 8}},
    torch_type_names{"bool", "BoolStorage", {dtype::boolean, 1}},
    torch_type_names{"complex64", "ComplexFloatStorage", {dtype::complex64, 8}},
    torch_type_names{"complex128", "ComplexDoubleStorage", {dtype::complex128, 16}},
    torch_type_names{"float8_e5m2", "", {dtype::float8_e5m2, 1}},
    torch_type_names{"float8_e4m3fn", "", {dtype::float8_e4m3fn, 1}},
    torch_type_names{"float8_e4m3fnuz", "", {dtype::float8_e4m3fnuz, 1}},
    torch_type_names{"float8_e5m2fnuz", "", {dtype::float8_e5m2fnuz, 1}},
    torch_type_names{"float8_e8m0fnu", "", {dtype::float8_e8m0fnu, 1}},
    // torch packs two of these elements into a byte and counts them as one.
    torch_type_names{"float4_e2m1fn_x2", "", {dtype::invalid, 1}},
    torch_type_names{"complex32", "", {dtype::invalid, 4}},
    torch_type_names{"bcomplex32", "", {dtype::invalid, 4}},
    torch_type_names{"bits1x8", "", {dtype::invalid, 1}},
    torch_type_names{"bits2x4", "", {dtype::invalid, 1}},
    torch_type_names{"bits4x2", "", {dtype::invalid, 1}},
    torch_type_names{"bits8", "", {dtype::invalid, 1}},
    torch_type_names{"bits16", "", {dtype::invalid, 2}},
    torch_type_names{"qint8", "QInt8Storage", {dtype::invalid, 1}},
    torch_type_names{"quint8", "QUInt8Storage", {dtype::invalid, 1}},
    torch_type_names{"qint32", "QInt32Storage", {dtype::invalid, 4}},
    torch_type_names{"quint4x2", "QUInt4x2Storage", {dtype::invalid, 1}},
    torch_type_names{"quint2x4", "QUInt2x4Storage", {dtype::invalid, 1}},
};

constexpr std::array TORCH_SYMBOLS = {
    symbol_entry{"torch._utils _rebuild_tensor", symbol_use::call},
    symbol_entry{"torch._utils _rebuild_tensor_v2", symbol_use::call},
    symbol_entry{"torch._utils _rebuild_tensor_v3", symbol_use::call},
    symbol_entry{"torch._utils _rebuild_parameter", symbol_use::call},
    symbol_entry{"torch._utils _rebuild_parameter_with_state", symbol_use::call},
    symbol_entry{"torch._tensor _rebuild_from_type_v2", symbol_use::call},
    symbol_entry{"torch._utils _rebuild_qtensor", symbol_use::call},
    symbol_entry{"torch._utils _rebuild_sparse_tensor", symbol_use::call},
    symbol_entry{"torch._utils _rebuild_meta_tensor_no_storage", symbol_use::call},
    symbol_entry{"collections OrderedDict", symbol_use::dict},
    symbol_entry{"collections Counter", symbol_use::dict},
    symbol_entry{"torch Size", symbol_use::argument},
    symbol_entry{"torch Tensor", symbol_use::value},
    symbol_entry{"torch device", symbol_use::opaque},
    symbol_entry{"torch.serialization _get_layout", symbol_use::opaque},
    symbol_entry{"torch per_tensor_affine", symbol_use::value},
    symbol_entry{"torch per_tensor_symmetric", symbol_use::value},
    symbol_entry{"torch per_channel_affine", symbol_use::value},
    symbol_entry{"torch per_channel_symmetric", symbol_use::value},
    symbol_entry{"torch per_channel_affine_float_qparams", symbol_use::value},
    symbol_entry{"_codecs encode", symbol_use::opaque},
    symbol_entry{"builtins set", symbol_use::opaque},
    symbol_entry{"builtins bytearray", symbol_use::opaque},
    symbol_entry{"builtins complex", symbol_use::opaque},
};

/// The name in `module name`, if the symbol is in that module.
std::optional<std::string_view> name_in(std::string_view module, std::string_view symbol) {
  const std::size_t space = symbol.find(' ');
  if (symbol.substr(0, space) != module) return std::nullopt;
  return symbol.substr(space + 1);
}

std::optional<torch_type> find_type(std::string_view torch_type_names::*called,
                                    std::optional<std::string_view> name) {
  if (!name || name->empty()) return std::nullopt;
  const auto* const found =
      std::find_if(TORCH_TYPES.begin(), TORCH_TYPES.end(),
                   [&](const torch_type_names& one) { return one.*called == *name; });
  return found == TORCH_TYPES.end() ? std::nullopt : std::optional(found->is);
}

}  // namespace

std::optional<torch_type> find_torch_dtype(std::string_view symbol) {
  return find_type(&torch_type_names::name, name_in("torch", symbol));
}

std::optional<torch_type> find_torch_storage(std::string_view symbol) {
  if (symbol == UNTYPED_STORAGE) return torch_type{dtype::uint8, 1};
  const auto host = name_in("torch", symbol);
  return find_type(&torch_type_names::storage, host ? host : name_in("torch.cuda", symbol));
}

std::optional<symbol_use> find_torch_symbol(std::string_view symbol) {
  if (find_torch_dtype(symbol) || find_torch_storage(symbol)) return symbol_use::value;
  const symbol_entry* const found = find_symbol(TORCH_SYMBOLS, symbol);
  return found == nullptr ? std::nullopt : std::optional(found->use);
}

}  // namespace warmstart::detail
