#pragma once

#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/printable.hpp"
#include "warmstart/error.hpp"
#include "warmstart/init_from_checkpoint.hpp"

namespace warmstart::detail::cli {

/// Writes the text and flushes. Throws `io`.
void write(std::FILE* out, std::string_view text);
/// Writes a JSON value and a newline. Invalid UTF-8 becomes the replacement character.
void write_json(std::FILE* out, const nlohmann::ordered_json& json);

/// `0x1a2b3c4d`
[[nodiscard]] std::string hex(std::uint32_t value);

/// `1 file`, `2 files`
[[nodiscard]] std::string counted(std::size_t count, std::string_view what);

/// Whether to print a summary in place of a list: for more than 40 rows, unless all are wanted.
[[nodiscard]] constexpr bool is_long(std::size_t rows, bool all_rows) {
  return rows > 40 && !all_rows;
}

/// One line for each name in a map that several tensors share.
[[nodiscard]] std::string ambiguity_text(const resolved_assignments& call);

[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<problem>& problems);

}  // namespace warmstart::detail::cli
