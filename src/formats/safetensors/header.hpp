#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace warmstart::detail {

/// What a header says of a tensor; offsets count from the end of the header.
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

/// Parses the JSON of a header (specification 2.1): strictly, and each name once. `where`: for
/// messages; `offset`: of the text in the file. Throws `corrupt`.
[[nodiscard]] safetensors_header parse_safetensors_header(std::string_view text,
                                                          const std::string& where,
                                                          std::int64_t offset);

}  // namespace warmstart::detail
