#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// The index key of one slice of a partitioned tensor (specification A2.2). It depends on how the
/// slice is spelled: a full extent and the same extent written out give different keys.
[[nodiscard]] std::string encode_slice_key(std::string_view tensor, const slice& where);

struct slice_key {
  std::string tensor;
  slice where;  ///< as spelled; lengths are not checked

  friend bool operator==(const slice_key&, const slice_key&) = default;
};

/// Nothing for a key that is none, or of a rank above 254.
[[nodiscard]] std::optional<slice_key> decode_slice_key(std::string_view key);

/// Slice keys begin with a zero byte; names of tensors that do so, too, are told apart by decoding.
[[nodiscard]] inline bool may_be_slice_key(std::string_view key) {
  return !key.empty() && key.front() == '\0';
}

}  // namespace warmstart::detail
