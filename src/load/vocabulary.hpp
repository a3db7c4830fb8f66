#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace warmstart::detail {

/// What is read of a vocabulary before it is refused: it may be a device that never ends.
struct vocabulary_limits {
  std::int64_t token_bytes = mebibyte;
  std::int64_t file_bytes = 4 * gibibyte;
};

/// The tokens of a vocabulary, or only the first `size`; a token a line. As in TensorFlow, one
/// carriage return at the end of a line does not count. Reads no further than it has to.
///
/// Throws `not_found`, `io`, `corrupt` for an empty line, `mismatch` if there are fewer than `size`
/// lines, `invalid_argument` for a negative size, and `unsupported` beyond the limits.
[[nodiscard]] std::vector<std::string> read_vocabulary(const std::string& path,
                                                       std::optional<std::int64_t> size,
                                                       const vocabulary_limits& limits = {});

}  // namespace warmstart::detail
