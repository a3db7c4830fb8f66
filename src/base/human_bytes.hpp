#pragma once

#include <cstdint>
#include <string>

namespace warmstart::detail {

/// A number of bytes as readable text: `80 B`, `12.3 MiB`.
[[nodiscard]] std::string human_bytes(std::int64_t bytes);

}  // namespace warmstart::detail
