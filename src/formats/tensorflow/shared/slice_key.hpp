#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// The index key of one slice of a partitioned tensor (specification A2.2). A whole dimension has
/// another key than the same extent written out.
[[nodiscard]] std::string encode_slice_key(std::string_view tensor, const slice& where);

struct slice_key {
  std::string tensor;
  warmstart::slice slice;  ///< as stored; lengths are not checked

  friend bool operator==(const slice_key&, const slice_key&) = default;
};

/// Nothing if the key is not a slice key, or its rank is above 254.
[[nodiscard]] std::optional<slice_key> decode_slice_key(std::string_view key);

/// Whether a key begins with a zero byte, as slice keys do. Tensor names can, too: decode to know.
[[nodiscard]] inline bool may_be_slice_key(std::string_view key) {
  return !key.empty() && key.front() == '\0';
}

}  // namespace warmstart::detail
