#pragma once

#include <memory>

#include "core/catalog.hpp"
#include "io/file.hpp"

namespace warmstart {

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

/// The file system of a catalog's file: the caller's, or `system` if it has none.
[[nodiscard]] inline const file_system& files_of(const catalog_file& which,
                                                 const file_system& system) {
  return which.in ? *which.in : system;
}

/// Opens a catalog's file, decoded if necessary, so that its extents refer to it. Throws like
/// `file_system::open`.
[[nodiscard]] inline std::unique_ptr<file> open_file(const file_system& files,
                                                     const catalog_file& which, read_mode mode) {
  return which.decoded_by ? which.decoded_by->open(files, mode) : files.open(which.path, mode);
}

}  // namespace warmstart
