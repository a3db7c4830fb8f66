#pragma once

#include <optional>
#include <string_view>

#include "formats/pickle/pickle_reader.hpp"

namespace warmstart::detail {

/// What `.metadata` may hold (specification 5.2).
[[nodiscard]] std::optional<symbol_use> find_dcp_symbol(std::string_view symbol);

/// The name of one of PyTorch's classes that `.metadata` has instances of, without its module;
/// empty if it is none.
[[nodiscard]] std::string_view dcp_class(std::string_view symbol);

}  // namespace warmstart::detail
