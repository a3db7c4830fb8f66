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

/// How a row's resident bytes were compared.
enum class verified_by {
  no,      ///< not at all: no checkpoint, or nothing was kept to compare with
  loaded,  ///< with the checksum of what was read for it
  stored,  ///< with the checkpoint's own checksums, composed over parts and slices
};

[[nodiscard]] WARMSTART_EXPORT std::string_view to_string(verified_by how) noexcept;

struct verified_row {
  std::string variable = {};
  device where = {};
  std::uint32_t crc32c = 0;  ///< of the resident bytes; 0 of none
  verified_by how = verified_by::no;
  bool from_checkpoint = false;
};

struct WARMSTART_EXPORT verification_report {
  std::vector<verified_row> rows = {};  ///< every initialized part and replica
  std::vector<problem> damage = {};     ///< rows whose bytes are not what was loaded

  /// No damage, and every row from a checkpoint was compared.
  [[nodiscard]] bool complete() const noexcept;
};

/// Computes the CRC32C of all initialized variables from the bytes in device memory, and compares
/// them with what the checkpoint stores, or with what the load computed from the bytes it read.
/// Does not read the checkpoint again. Waits for loads that were ordered in a stream; the caller's
/// own work that writes to the variables must be done. `on`: default, an engine made for the call.
[[nodiscard]] WARMSTART_EXPORT verification_report verify(const variable_store& store,
                                                          engine* on = nullptr);

}  // namespace warmstart
