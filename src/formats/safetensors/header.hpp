#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace warmstart::detail {

/// A tensor in a header. `begin` and `end` count bytes from the end of the header.
struct safetensors_entry {
  std::string name;
  std::string type;
  std::vector<std::uint64_t> sizes;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct safetensors_header {
  std::vector<safetensors_entry> tensors;  ///< in the order of the text
  std::map<std::string, std::string> metadata;
};

/// Parses the JSON of a header (specification 2.1) strictly; a name may occur once. `where` begins
/// the messages; `offset` is the text's offset in the file. Throws `corrupt`.
[[nodiscard]] safetensors_header parse_safetensors_header(std::string_view text,
                                                          const std::string& where,
                                                          std::int64_t offset);

}  // namespace warmstart::detail
