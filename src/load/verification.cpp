#include "load/verification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/file_problem.hpp"
#include "checksum/crc32c.hpp"
#include "load/load_record.hpp"
#include "load/remainder_batch.hpp"

namespace warmstart::detail {
namespace {

difference difference_of(std::uint32_t expected, std::uint32_t found) {
  return {.expected = fmt::format("crc32c {:#010x}", expected),
          .found = fmt::format("{:#010x}", found)};
}

/// The resident rows of one run, with their requests in the batch.
struct record_rows {
  std::map<std::uint32_t, std::size_t> resident;  ///< record row → row of the store
  std::map<std::uint32_t, std::size_t> boxes;     ///< demand → index in the batch
  std::map<std::size_t, std::size_t> gaps;        ///< gap → index in the batch
};

/// Verifies the rows of a store, on the driver thread.
class verification {
 public:
  verification(const store_state& store, load_engine& engine)
      : engine_(engine), infos_(store.index.rows()), rows_(store.rows) {}

  verification_report operator()() {
    for (std::size_t i = 0; i < rows_.size(); ++i) ask_for_row(i);
    for (auto& [record, rows] : records_) {
      ask_for_boxes(*record, rows);
      ask_for_gaps(*record, rows);
    }
    batch_.run(engine_);
    for (const auto& [record, rows] : records_) complete_expected(*record, rows);
    for (const auto& [i, number] : numbers_) report_row(i);
    for (const auto& [record, rows] : records_) compare_stored(*record, rows);
    return std::move(report_);
  }

 private:
  void ask_for_row(std::size_t i) {
    const replica_state& replica = *rows_[i].replica;
    if (!replica.initialized) return;
    backend& target = engine_.backend_of(replica.device);
    if (replica.ready && awaited_.insert(replica.ready.get()).second) {
      target.wait_for(*replica.ready);
    }
    numbers_[i] = batch_.add(target, replica.data, infos_[i].size_bytes(), {}, 0);
    if (const load_record* record = record_of(replica)) {
      records_[record].resident[replica.record_row] = i;
    }
  }

  // Requests partial CRCs for rows that are not a contiguous range of their extent.
  void ask_for_boxes(const load_record& record, record_rows& rows) {
    const transfer_plan& plan = record.plan;
    for (const std::uint32_t d : plan.check_demands) {
      const demand& one = plan.demands[d];
      const auto row = rows.resident.find(one.row);
      if (row == rows.resident.end() || is_whole_row(one, row->second)) continue;
      const auto unit = static_cast<std::int64_t>(size_of(one.conversion.from));
      std::vector<box_dimension> loops = one.box.dimensions;
      for (box_dimension& loop : loops) {
        loop.source_stride *= unit;
        loop.destination_stride *= unit;
      }
      const replica_state& replica = *rows_[row->second].replica;
      rows.boxes[d] =
          batch_.add(engine_.backend_of(replica.device), replica.data + one.box.destination * unit,
                     one.box.run * unit, std::move(loops), following_bytes(plan, one));
    }
  }

  // Requests partial CRCs for gaps that were left alone: their values are not known.
  void ask_for_gaps(const load_record& record, record_rows& rows) {
    for (std::size_t g = 0; g < record.gaps.size(); ++g) {
      const recorded_gap& one = record.gaps[g];
      const auto row = rows.resident.find(one.row);
      if (one.initializer || row == rows.resident.end()) continue;
      const replica_state& replica = *rows_[row->second].replica;
      gap_bytes where = resident_bytes_of(one);
      rows.gaps[g] =
          batch_.add(engine_.backend_of(replica.device), replica.data + where.offset_bytes,
                     where.run_bytes, std::move(where.dimensions), where.following_bytes);
    }
  }

  // Adds the partial CRCs of gaps to the expected checksums.
  void complete_expected(const load_record& record, const record_rows& rows) {
    for (std::size_t g = 0; g < record.gaps.size(); ++g) {
      const recorded_gap& one = record.gaps[g];
      const auto row = rows.resident.find(one.row);
      if (row == rows.resident.end()) continue;
      gap_sums_[row->second] ^=
          one.initializer ? initialized_remainder(one) : batch_[rows.gaps.at(g)];
    }
  }

  [[nodiscard]] bool is_whole_row(const demand& one, std::size_t i) const {
    const auto unit = static_cast<std::int64_t>(size_of(one.conversion.from));
    return one.box.contiguous() && one.box.run * unit == infos_[i].size_bytes();
  }

  // The number of the extent's bytes after the demand's first run.
  static std::int64_t following_bytes(const transfer_plan& plan, const demand& one) {
    const auto unit = static_cast<std::int64_t>(size_of(one.conversion.from));
    return plan.extents[one.extent].size_bytes - (one.box.source + one.box.run) * unit;
  }

  void report_row(std::size_t i) {
    const replica_state& replica = *rows_[i].replica;
    report_.rows.push_back({.variable = infos_[i].name,
                            .device = replica.device,
                            .crc32c = crc32c_finish(batch_[numbers_[i]], infos_[i].size_bytes()),
                            .verified = verified_by::no,
                            .from_checkpoint = replica.record != nullptr});
    report_index_[i] = report_.rows.size() - 1;
    const load_record* record = record_of(replica);
    if (record != nullptr && record->plan.row_checks[replica.record_row] == row_check::loaded) {
      compare_loaded(i, record->expected[replica.record_row]);
    }
  }

  void compare_loaded(std::size_t i, std::uint32_t expected_without_gaps) {
    verified_row& row = report_.rows[report_index_[i]];
    row.verified = verified_by::loaded;
    const auto gaps = gap_sums_.find(i);
    const std::uint32_t expected =
        expected_without_gaps ^ (gaps == gap_sums_.end() ? 0 : gaps->second);
    if (row.crc32c == expected) return;
    const variable_info& info = infos_[i];
    const difference sums = difference_of(expected, row.crc32c);
    report_.damage.push_back(
        {.code = error_code::corrupt,
         .message = fmt::format("variable {} on {} is not what was loaded: {}", info.name,
                                to_string(info.placed_on), to_string(sums)),
         .variable = info.name,
         .expected = sums.expected,
         .found = sums.found});
  }

  // Compares an extent only if all rows that share it still have the values of that run.
  void compare_stored(const load_record& record, const record_rows& rows) {
    const transfer_plan& plan = record.plan;
    std::set<std::uint32_t> incomplete;
    for (const composed_check& check : plan.checks) {
      const auto demands = transfer_plan::part(plan.check_demands, check.demands);
      const bool resident = std::all_of(demands.begin(), demands.end(), [&](std::uint32_t d) {
        return rows.resident.contains(plan.demands[d].row);
      });
      if (resident) {
        compare_extent(record, rows, check);
      } else {
        for (const std::uint32_t d : demands) incomplete.insert(plan.demands[d].row);
      }
    }
    for (const auto& [row, i] : rows.resident) {
      if (plan.row_checks[row] == row_check::stored && !incomplete.contains(row)) {
        report_.rows[report_index_[i]].verified = verified_by::stored;
      }
    }
  }

  void compare_extent(const load_record& record, const record_rows& rows,
                      const composed_check& check) {
    const transfer_plan& plan = record.plan;
    const plan_extent& extent = plan.extents[check.extent];
    const auto demands = transfer_plan::part(plan.check_demands, check.demands);
    std::uint32_t sum = 0;
    for (const std::uint32_t d : demands) sum ^= contribution(plan, d, rows);
    const std::uint32_t found = crc32c_finish(sum, extent.size_bytes);
    if (found == extent.checksum.value) return;
    const variable_info& first = infos_[rows.resident.at(plan.demands[demands[0]].row)];
    const std::string name = demands.size() == 1 ? first.name : first.full_name;
    const difference sums = difference_of(extent.checksum.value, found);
    report_.damage.push_back(
        {.code = error_code::corrupt,
         .message = fmt::format(
             "variable {} on {} is not what {} stores for tensor {} at offset {} ({} bytes): {}",
             name, to_string(first.placed_on), plan.files[extent.file].path, extent.tensor,
             extent.offset_bytes, extent.size_bytes, to_string(sums)),
         .variable = name,
         .tensor = extent.tensor,
         .file = plan.files[extent.file].path,
         .offset_bytes = extent.offset_bytes,
         .expected = sums.expected,
         .found = sums.found});
  }

  [[nodiscard]] std::uint32_t contribution(const transfer_plan& plan, std::uint32_t d,
                                           const record_rows& rows) const {
    const auto box = rows.boxes.find(d);
    if (box != rows.boxes.end()) return batch_[box->second];
    const demand& one = plan.demands[d];
    return crc32c_advance(batch_[numbers_.at(rows.resident.at(one.row))],
                          following_bytes(plan, one));
  }

  load_engine& engine_;
  std::span<const variable_info> infos_;  ///< of the store
  std::span<const row_ref> rows_;         ///< parallel to `infos_`
  std::set<const completion*> awaited_;   ///< of loads in the callers' streams
  remainder_batch batch_;
  std::map<std::size_t, std::size_t> numbers_;       ///< row of the store → index in the batch
  std::map<std::size_t, std::size_t> report_index_;  ///< row of the store → row of the report
  std::map<const load_record*, record_rows> records_;
  std::map<std::size_t, std::uint32_t> gap_sums_;  ///< row of the store → partial CRC of its gaps
  verification_report report_;
};

}  // namespace

verification_report verify_rows(const store_state& store, load_engine& engine) {
  return verification(store, engine)();
}

}  // namespace warmstart::detail
