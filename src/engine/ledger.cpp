#include "engine/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file_problem.hpp"
#include "checksum/checksum.hpp"
#include "checksum/crc32c.hpp"

namespace warmstart::detail {

checksum_ledger::checksum_ledger(const transfer_plan& plan, checksum_use use)
    : plan_(plan), use_(use), entries_(plan.extents.size()) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    entries_[i].missing_bytes = plan.extents[i].size_bytes;
  }
}

void checksum_ledger::add(const segment& part, std::uint32_t remainder) {
  const plan_extent& of = plan_.extents[part.extent];
  const checksum_arithmetic& crc = arithmetic_of(of.checksum.kind);
  entry& here = entries_[part.extent];
  const std::int64_t following = of.size_bytes - part.extent_bytes - part.size_bytes;
  here.sum.fetch_xor(crc.advance(remainder, following), std::memory_order_relaxed);
  // Acquire-release: the thread that adds the last bytes sees all earlier additions.
  if (here.missing_bytes.fetch_sub(part.size_bytes, std::memory_order_acq_rel) != part.size_bytes) {
    return;
  }
  if (use_ == checksum_use::compute) return;
  const std::uint32_t found = checksum_of(part.extent);
  if (found == of.checksum.value) return;
  problem bad = file_difference(
      error_code::corrupt, {plan_.files[of.file].path, of.offset_bytes},
      fmt::format("checksum of {} bytes of tensor {} does not match", of.size_bytes, of.tensor),
      {.expected = fmt::format("{} {:#010x}", crc.name, of.checksum.value),
       .found = fmt::format("{:#010x}", found)},
      of.tensor);
  if (use_ != checksum_use::collect_damage) throw error(std::move(bad));
  const std::lock_guard lock(mutex_);
  damage_.push_back(std::move(bad));
}

bool checksum_ledger::keep(const error& damage) {
  if (use_ != checksum_use::collect_damage) return false;
  const std::lock_guard lock(mutex_);
  for (const problem& one : damage.problems()) {
    // Every chunk of a damaged stream reports the same problem; keep it once.
    if (std::find(damage_.begin(), damage_.end(), one) == damage_.end()) damage_.push_back(one);
  }
  return true;
}

std::vector<problem> checksum_ledger::take_damage() {
  const std::lock_guard lock(mutex_);
  return std::move(damage_);
}

std::uint32_t checksum_ledger::checksum_of(std::uint32_t extent) const noexcept {
  const plan_extent& of = plan_.extents[extent];
  return arithmetic_of(of.checksum.kind)
      .finish(entries_[extent].sum.load(std::memory_order_relaxed), of.size_bytes);
}

std::vector<std::uint32_t> checksum_ledger::take_checksums() const {
  std::vector<std::uint32_t> all;
  if (use_ != checksum_use::compute) return all;
  for (std::uint32_t i = 0; i < plan_.extents.size(); ++i) all.push_back(checksum_of(i));
  return all;
}

std::uint32_t expectation_ledger::checksum(std::uint32_t row,
                                           std::int64_t row_bytes) const noexcept {
  return crc32c_finish(sums_[row].load(std::memory_order_relaxed), row_bytes);
}

}  // namespace warmstart::detail
