#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "plan/transfer_plan.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

/// What is done with the checksums of extents.
enum class checksum_use : std::uint8_t {
  compare,         ///< a bad one ends the load
  collect_damage,  ///< a bad one becomes an entry of `load_result::damage`
  compute,         ///< nothing is compared: `load_result::checksums` has them
};

/// Adds up the checksums of extents whose bytes arrive in pieces, in any order, from any thread.
class checksum_ledger {
 public:
  checksum_ledger(const transfer_plan& plan, checksum_use use);

  /// `remainder` of a segment of a checked extent. The last one of an extent compares, and throws
  /// `corrupt` unless damage is collected.
  void add(const segment& part, std::uint32_t remainder);
  /// Damage that a decoder found. Returns false if it is to be thrown.
  bool keep(const error& damage);
  [[nodiscard]] std::vector<problem> take_damage();
  /// By extent, when all segments have been added. None unless they are computed.
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

/// Adds up, from the bytes that are read, what the checksums of rows will have to be.
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
