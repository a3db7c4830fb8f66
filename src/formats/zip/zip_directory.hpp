#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/file.hpp"

namespace warmstart::detail {

/// A file in a zip archive, as the central directory has it; local headers may be without sizes.
struct zip_entry {
  static constexpr int stored = 0;
  static constexpr int deflated = 8;

  std::string name;
  int method = stored;
  std::uint32_t crc32 = 0;
  std::int64_t size_bytes = 0;     ///< as stored
  std::int64_t decoded_bytes = 0;  ///< without compression
  std::int64_t header_offset = 0;  ///< in the file: of the local header
};

/// Whether a file begins as an archive does.
[[nodiscard]] bool is_zip(const file& from);

/// Reads the central directory (specification 3.1, 4.4; zip64, too) of an archive that may be a
/// part of its file. Throws `corrupt`; for archives that are encrypted or lie on several disks
/// `unsupported`.
[[nodiscard]] std::vector<zip_entry> read_zip_directory(const file& from, const file_range& where);

/// Where the entry's bytes, as stored, begin in the file: behind its local header, which must be
/// there and fit. Throws `corrupt`.
[[nodiscard]] std::int64_t find_zip_data(const file& from, const file_range& where,
                                         const zip_entry& entry);

}  // namespace warmstart::detail
