#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "plan/transfer_plan.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

/// How the checksums of extents are used.
enum class checksum_use : std::uint8_t {
  compare,         ///< a mismatch fails the load
  collect_damage,  ///< a mismatch is added to `load_result::damage`
  compute,         ///< computed into `load_result::checksums`, not compared
};

/// Accumulates the checksums of extents whose bytes arrive in pieces and in any order. Thread safe.
class checksum_ledger {
 public:
  checksum_ledger(const transfer_plan& plan, checksum_use use);

  /// Adds the partial CRC of a segment of a checked extent. The last segment of an extent compares
  /// the checksum; a mismatch is collected, or thrown as `corrupt`.
  void add(const segment& part, std::uint32_t remainder);
  /// Collects damage that a decoder reported. Returns false if the caller has to throw it.
  bool keep(const error& damage);
  [[nodiscard]] std::vector<problem> take_damage();
  /// Checksums by extent, after all segments have been added. Empty unless the use is `compute`.
  [[nodiscard]] std::vector<std::uint32_t> take_checksums() const;

 private:
  struct entry {
    std::atomic<std::uint32_t> sum{0};
    std::atomic<std::int64_t> missing_bytes{0};
  };

  [[nodiscard]] std::uint32_t checksum_of(std::uint32_t extent) const noexcept;

  const transfer_plan& plan_;
  checksum_use use_;
  std::vector<entry> entries_;  ///< by extent
  std::mutex mutex_;
  std::vector<problem> damage_;
};

/// Accumulates the expected checksums of rows from the bytes that are read. Thread safe.
class expectation_ledger {
 public:
  explicit expectation_ledger(std::size_t rows) : sums_(rows) {}

  void add(std::uint32_t row, std::uint32_t remainder) noexcept {
    sums_[row].fetch_xor(remainder, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t checksum(std::uint32_t row, std::int64_t row_bytes) const noexcept;

 private:
  std::vector<std::atomic<std::uint32_t>> sums_;
};

}  // namespace warmstart::detail
