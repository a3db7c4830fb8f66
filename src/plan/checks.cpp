#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "plan/plan_builder.hpp"

namespace warmstart::detail {

// Demands of one replica of one variable are checked together.
std::uint64_t plan_builder::group_of(std::uint32_t demand) const {
  const variable_info& row = rows_[plan_.demands[demand].row];
  return (std::uint64_t{row.variable} << 32U) | row.replica;
}

void plan_builder::choose_checks() {
  std::vector<bool> composed(plan_.demands.size(), false);
  std::vector<std::uint32_t> demands;
  for (std::uint32_t extent = 0; extent < plan_.extents.size(); ++extent) {
    // Devices can only compute CRC32C.
    if (plan_.extents[extent].checksum.kind != checksum_kind::crc32c) continue;
    demands.resize(first_demand_[extent + 1] - first_demand_[extent]);
    std::iota(demands.begin(), demands.end(), first_demand_[extent]);
    std::stable_sort(demands.begin(), demands.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return group_of(a) < group_of(b); });
    for (auto first = demands.begin(); first != demands.end();) {
      const auto last = std::find_if(first, demands.end(), [&](std::uint32_t demand) {
        return group_of(demand) != group_of(*first);
      });
      compose(extent, {first, last}, composed);
      first = last;
    }
  }
  const row_check other = options_.expectations ? row_check::loaded : row_check::none;
  for (std::size_t i = 0; i < plan_.demands.size(); ++i) {
    if (!composed[i]) plan_.row_checks[plan_.demands[i].row] = other;
  }
  for (const gap& one : plan_.gaps) plan_.row_checks[one.row] = other;
  share_expectations();
}

// Replicas of a part usually get the same bytes at the same positions. They then share one expected
// checksum.
void plan_builder::share_expectations() {
  plan_.expected_like.resize(rows_.size());
  std::iota(plan_.expected_like.begin(), plan_.expected_like.end(), 0U);
  const auto is_replica = [](const variable_info& row) { return row.replica > 0; };
  if (std::none_of(rows_.begin(), rows_.end(), is_replica)) return;
  std::vector<std::uint32_t> order(plan_.demands.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto row_of = [&](std::uint32_t demand) { return plan_.demands[demand].row; };
  std::ranges::stable_sort(order, {}, row_of);
  const auto demands_of_row = [&](std::uint32_t row) {
    const auto first = std::partition_point(
        order.begin(), order.end(), [&](std::uint32_t demand) { return row_of(demand) < row; });
    const auto last = std::partition_point(
        first, order.end(), [&](std::uint32_t demand) { return row_of(demand) == row; });
    return std::span<const std::uint32_t>(first, last);
  };
  const auto same_copy = [&](std::uint32_t a, std::uint32_t b) {
    const demand& x = plan_.demands[a];
    const demand& y = plan_.demands[b];
    return x.extent == y.extent && x.conversion == y.conversion && x.box == y.box;
  };
  for (std::uint32_t row = 1; row < rows_.size(); ++row) {
    const std::uint32_t like = plan_.expected_like[row - 1];
    const bool same_part =
        rows_[like].variable == rows_[row].variable && rows_[like].part == rows_[row].part;
    if (!same_part || plan_.row_checks[like] != plan_.row_checks[row]) continue;
    const auto own = demands_of_row(row);
    const auto others = demands_of_row(like);
    const bool same = std::equal(own.begin(), own.end(), others.begin(), others.end(), same_copy);
    if (same) plan_.expected_like[row] = like;
  }
}

// Parts of a variable are disjoint, so they contain a whole extent if their sizes add up to its
// size and all of them use the same view of the tensor. Rows whose elements are reordered are
// compared with what was loaded instead.
void plan_builder::compose(std::uint32_t extent, std::span<const std::uint32_t> group,
                           std::vector<bool>& composed) {
  if (group.size() > 1 && several_layouts_[extent]) return;
  std::int64_t bytes = 0;
  for (const std::uint32_t i : group) {
    if (!plan_.demands[i].conversion.plain() || !notes_[i].in_order) return;
    if (notes_[i].view != notes_[group.front()].view) return;
    bytes += wanted_bytes(plan_.demands[i]);
  }
  if (bytes != plan_.extents[extent].size_bytes) return;
  const auto first = static_cast<std::uint32_t>(plan_.check_demands.size());
  plan_.check_demands.insert(plan_.check_demands.end(), group.begin(), group.end());
  const auto last = static_cast<std::uint32_t>(plan_.check_demands.size());
  plan_.checks.push_back({.extent = extent, .demands = {first, last}});
  for (const std::uint32_t i : group) composed[i] = true;
}

}  // namespace warmstart::detail
