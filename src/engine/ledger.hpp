#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "plan/transfer_plan.hpp"
#include "warmstart/error.hpp"

namespace warmstart {

/// Adds up the checksums of extents whose bytes arrive in pieces, in any order, from any thread.
class checksum_ledger {
 public:
  /// With `collect`, bad checksums are kept; else `add` throws them as `corrupt`.
  checksum_ledger(const transfer_plan& plan, bool collect);

  /// `remainder` of a segment of a checked extent. The last one of an extent compares.
  void add(const segment& part, std::uint32_t remainder);
  /// Damage that a decoder found. Returns false if it is to be thrown.
  bool keep(const error& damage);
  [[nodiscard]] std::vector<problem> take_damage();

 private:
  struct entry {
    std::atomic<std::uint32_t> sum{0};
    std::atomic<std::int64_t> missing_bytes{0};
  };

  const transfer_plan& plan_;
  bool collect_;
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

}  // namespace warmstart
