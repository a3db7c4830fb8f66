#pragma once

#include <memory>

#include "io/file.hpp"

namespace warmstart::detail {

/// Decodes a file that stores elements in an encoded form: presents it as a file with plain
/// elements, at offsets that the decoder defines. Immutable.
class decoder {
 public:
  decoder() = default;
  decoder(const decoder&) = delete;
  decoder& operator=(const decoder&) = delete;
  virtual ~decoder() = default;

  /// Opens the decoded file. Thread safe; any part can be read in any order, and decoded bytes are
  /// not kept in memory. The identity is that of the stored file. Reads throw `corrupt` if bytes
  /// cannot be decoded or do not match their checksum. Buffers of direct reads may reach beyond the
  /// end of the decoded file.
  [[nodiscard]] virtual std::unique_ptr<file> open(const file_system& files,
                                                   read_mode mode) const = 0;
};

}  // namespace warmstart::detail
