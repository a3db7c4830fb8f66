#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/engine.hpp"
#include "warmstart/error.hpp"
#include "warmstart/export.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart {

/// Which checksum a row's bytes in device memory were compared with.
enum class verified_by {
  no,      ///< none: the row is not from a checkpoint, or no checksum was kept
  loaded,  ///< the checksum that the load computed from the bytes it read
  stored,  ///< the checkpoint's checksums, composed over parts and slices
};

[[nodiscard]] WARMSTART_EXPORT std::string_view to_string(verified_by checksum) noexcept;

struct verified_row {
  std::string variable = {};
  warmstart::device device = {};
  std::uint32_t crc32c = 0;  ///< of the bytes in device memory; 0 if there are none
  verified_by verified = verified_by::no;
  bool from_checkpoint = false;
};

struct WARMSTART_EXPORT verification_report {
  std::vector<verified_row> rows = {};  ///< all initialized rows
  /// One problem per row whose bytes differ from the loaded ones.
  std::vector<problem> damage = {};

  /// True if there is no damage and every row from a checkpoint was compared.
  [[nodiscard]] bool complete() const noexcept;
};

/// Computes the CRC32C of every initialized row from the bytes in device memory and compares it
/// with the checkpoint's checksums, or with those that the load computed from the bytes it read.
/// Does not read the checkpoint again. Blocks, and waits for stream-ordered loads. The caller's own
/// work that writes to the variables must be complete. `engine` is the engine to use; null means a
/// temporary one.
[[nodiscard]] WARMSTART_EXPORT verification_report verify(const variable_store& store,
                                                          engine* engine = nullptr);

}  // namespace warmstart
