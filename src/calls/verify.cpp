#include "warmstart/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "calls/engine_access.hpp"
#include "calls/load_record.hpp"
#include "core/crc32c.hpp"
#include "variables/variable_state.hpp"

namespace warmstart {
namespace {

/// The resident rows of one run, and what they are compared with.
struct record_rows {
  std::map<std::uint32_t, std::size_t> resident;  ///< record row → row of the store
};

/// Goes over the rows of a store, on the driver thread.
class verification {
 public:
  verification(const store_state& store, load_engine& engine)
      : engine_(engine), rows_(rows_of(store)), remainders_(rows_.rows.size(), 0) {}

  verification_report operator()() {
    for (std::size_t i = 0; i < rows_.rows.size(); ++i) add_row(i);
    for (const auto& [record, rows] : records_) compare_stored(*record, rows);
    return std::move(report_);
  }

 private:
  void add_row(std::size_t i) {
    const row_ref& row = rows_.rows[i];
    const replica_state& replica = *row.replica;
    if (!replica.initialized) return;
    const std::int64_t size = rows_.infos[i].size_bytes();
    if (size != 0) {
      remainders_[i] = engine_.backend_of(replica.where)
                           .remainder({.data = replica.data,
                                       .run_bytes = size,
                                       .dimensions = {},
                                       .following_bytes = 0});
    }
    report_.rows.push_back({.variable = rows_.infos[i].name,
                            .where = replica.where,
                            .crc32c = crc32c_finish(remainders_[i], size),
                            .how = verified_by::no,
                            .from_checkpoint = replica.record != nullptr});
    report_index_[i] = report_.rows.size() - 1;
    if (!replica.record) return;
    records_[replica.record.get()].resident[replica.record_row] = i;
    if (replica.record->plan.row_checks[replica.record_row] == row_check::loaded) {
      compare_loaded(i, replica);
    }
  }

  void compare_loaded(std::size_t i, const replica_state& replica) {
    verified_row& row = report_.rows[report_index_[i]];
    row.how = verified_by::loaded;
    const std::uint32_t expected = replica.record->expected[replica.record_row];
    if (row.crc32c == expected) return;
    const variable_info& info = rows_.infos[i];
    report_.damage.push_back(
        {.code = error_code::corrupt,
         .message = fmt::format(
             "variable {} on {} is not what was loaded: expected crc32c {:#010x}, found {:#010x}",
             info.name, to_string(info.placed_on), expected, row.crc32c),
         .variable = info.name,
         .tensor = {}});
  }

  // An extent is compared if all rows that share it still hold what that run put there.
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
        report_.rows[report_index_[i]].how = verified_by::stored;
      }
    }
  }

  void compare_extent(const load_record& record, const record_rows& rows,
                      const composed_check& check) {
    const transfer_plan& plan = record.plan;
    const plan_extent& extent = plan.extents[check.extent];
    const auto demands = transfer_plan::part(plan.check_demands, check.demands);
    std::uint32_t sum = 0;
    for (const std::uint32_t d : demands) {
      sum ^=
          contribution(plan.demands[d], rows.resident.at(plan.demands[d].row), extent.size_bytes);
    }
    const std::uint32_t found = crc32c_finish(sum, extent.size_bytes);
    if (found == extent.checksum.value) return;
    const variable_info& first = rows_.infos[rows.resident.at(plan.demands[demands[0]].row)];
    const std::string name = demands.size() == 1 ? first.name : first.full_name;
    report_.damage.push_back(
        {.code = error_code::corrupt,
         .message = fmt::format(
             "variable {} on {} is not what {} stores for tensor {} at offset {} ({} bytes): "
             "expected crc32c {:#010x}, found {:#010x}",
             name, to_string(first.placed_on), plan.files[extent.file].path, extent.tensor,
             extent.offset_bytes, extent.size_bytes, extent.checksum.value, found),
         .variable = name,
         .tensor = extent.tensor});
  }

  std::uint32_t contribution(const demand& one, std::size_t i, std::int64_t extent_bytes) {
    const auto unit = static_cast<std::int64_t>(size_of(one.how.from));
    const std::int64_t run_bytes = one.what.run * unit;
    const std::int64_t following = extent_bytes - one.what.source * unit - run_bytes;
    // A row that lies in the extent as it is: its own checksum is known already.
    if (one.what.contiguous() && run_bytes == rows_.infos[i].size_bytes()) {
      return crc32c_advance(remainders_[i], following);
    }
    std::vector<box_dimension> loops = one.what.dimensions;
    for (box_dimension& d : loops) {
      d.source_stride *= unit;
      d.destination_stride *= unit;
    }
    const replica_state& replica = *rows_.rows[i].replica;
    return engine_.backend_of(replica.where)
        .remainder({.data = replica.data + one.what.destination * unit,
                    .run_bytes = run_bytes,
                    .dimensions = loops,
                    .following_bytes = following});
  }

  load_engine& engine_;
  store_rows rows_;
  std::vector<std::uint32_t> remainders_;            ///< by row of the store
  std::map<std::size_t, std::size_t> report_index_;  ///< row of the store → row of the report
  std::map<const load_record*, record_rows> records_;
  verification_report report_;
};

}  // namespace

std::string_view to_string(verified_by how) noexcept {
  switch (how) {
    case verified_by::no:
      return "no";
    case verified_by::loaded:
      return "loaded";
    case verified_by::stored:
      return "stored";
  }
  return "";
}

bool verification_report::complete() const noexcept {
  return damage.empty() && std::all_of(rows.begin(), rows.end(), [](const verified_row& row) {
           return !row.from_checkpoint || row.how != verified_by::no;
         });
}

verification_report verify(const variable_store& store, engine* on) {
  verification_report report;
  with_engine(on, 1, [&](load_engine& engine) {
    report = verification(variable_access::state(store), engine)();
  });
  return report;
}

}  // namespace warmstart
