#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/file.hpp"

namespace warmstart::detail {

/// An entry of the central directory. (Local headers can lack sizes.)
struct zip_entry {
  static constexpr int stored = 0;
  static constexpr int deflated = 8;

  std::string name;
  int method = stored;
  std::uint32_t crc32 = 0;
  std::int64_t size_bytes = 0;     ///< as stored
  std::int64_t decoded_bytes = 0;  ///< without compression
  std::int64_t header_offset = 0;  ///< of the local header, in the file
};

/// Whether a file begins like a zip archive.
[[nodiscard]] bool is_zip(const file& from);

/// Reads the central directory (specification 3.1, 4.4), with or without zip64, of an archive that
/// fills `where`. Throws `corrupt`, and `unsupported` for archives that are encrypted or lie on
/// several disks.
[[nodiscard]] std::vector<zip_entry> read_zip_directory(const file& from, const file_range& where);

/// The offset of the entry's stored bytes, which follow its local header. Throws `corrupt` if the
/// header is missing or does not match.
[[nodiscard]] std::int64_t find_zip_data(const file& from, const file_range& where,
                                         const zip_entry& entry);

}  // namespace warmstart::detail
