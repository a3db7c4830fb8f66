#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "formats/pickle/pickle_reader.hpp"
#include "warmstart/dtype.hpp"

namespace warmstart::detail {

struct torch_type {
  dtype type = dtype::invalid;     ///< invalid: elements cannot be loaded
  std::int64_t element_bytes = 0;  ///< in files
};

/// Looks up the symbol of a dtype, `torch float32` (specification 1.1); nothing for other symbols.
[[nodiscard]] std::optional<torch_type> find_torch_dtype(std::string_view symbol);
/// Looks up the symbol of a storage class, `torch FloatStorage`. `UNTYPED_STORAGE` has uint8.
[[nodiscard]] std::optional<torch_type> find_torch_storage(std::string_view symbol);
inline constexpr std::string_view UNTYPED_STORAGE = "torch.storage UntypedStorage";

/// The symbols that torch.save's pickles may contain (specification 3.4).
[[nodiscard]] std::optional<symbol_use> find_torch_symbol(std::string_view symbol);

}  // namespace warmstart::detail
