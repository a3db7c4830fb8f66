#pragma once

#include <optional>
#include <string_view>

#include "formats/pickle/pickle_reader.hpp"

namespace warmstart::detail {

/// The symbols that `.metadata` may contain (specification 5.2).
[[nodiscard]] std::optional<symbol_use> find_dcp_symbol(std::string_view symbol);

/// The name, without its module, of a PyTorch class that `.metadata` may have instances of; empty
/// for other symbols.
[[nodiscard]] std::string_view dcp_class(std::string_view symbol);

}  // namespace warmstart::detail
