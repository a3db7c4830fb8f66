#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace warmstart::detail {

/// Limits for a vocabulary file, which may be a device that never ends.
struct vocabulary_limits {
  std::int64_t token_bytes = mebibyte;
  std::int64_t file_bytes = 4 * gibibyte;
};

/// The tokens of a vocabulary, one per line, or only the first `size`. As in TensorFlow, a carriage
/// return at the end of a line does not count. Stops reading after the last token.
///
/// Throws `not_found`, `io`, `corrupt` for an empty line, `mismatch` if there are fewer than `size`
/// lines, `invalid_argument` for a negative size, and `unsupported` beyond the limits.
[[nodiscard]] std::vector<std::string> read_vocabulary(const std::string& path,
                                                       std::optional<std::int64_t> size,
                                                       const vocabulary_limits& limits = {});

}  // namespace warmstart::detail
