#include "load/host_reads.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "base/units.hpp"
#include "engine/small_load.hpp"
#include "load/engine_access.hpp"
#include "model/assignment.hpp"
#include "model/variable_info.hpp"
#include "plan/transfer_plan.hpp"

namespace warmstart::detail {
namespace {

plan_options host_plan_options(const read_options& options) {
  const std::size_t readers =
      options.engine != nullptr
          ? engine_access::of(*options.engine).reader_threads(read_mode::buffered)
          : reader_thread_count(options.reader_threads, read_mode::buffered);
  plan_options made;
  made.readers = static_cast<std::int64_t>(readers);
  made.checksums = options.checksums;
  made.partial_checksums = options.partial_checksums;
  made.expectations = false;
  return made;
}

plan_options whole_plan_options(const read_options& options) {
  plan_options made = host_plan_options(options);
  made.checksums = true;
  made.partial_checksums = partial_checksums::always;
  return made;
}

/// Rows of a plan, all in host memory.
struct host_rows {
  std::span<std::byte* const> addresses;
  std::vector<std::int64_t> row_bytes;
};

load_result carry_out(const transfer_plan& plan, const host_rows& rows, checksum_use use,
                      const read_options& options) {
  const auto files = system_files();
  load_request request;
  request.plan = &plan;
  request.files = files.get();
  request.addresses = rows.addresses;
  request.row_bytes = rows.row_bytes;
  request.stop = options.stop;
  if (options.progress) {
    request.progress = [&](std::int64_t done, std::int64_t total) {
      options.progress({.bytes_done = done, .bytes_total = total});
    };
  }
  request.checksums = use;
  if (options.engine == nullptr && plan.bytes_read <= mebibyte) {
    const auto host = make_host_backend();
    const std::vector<backend*> backends(rows.addresses.size(), host.get());
    request.backends = backends;
    return load_on_this_thread(request);
  }
  load_result made;
  with_engine(options.engine, options.reader_threads, [&](load_engine& engine) {
    const load_engine::turn only_load(engine);
    const std::vector<backend*> backends(rows.addresses.size(), &engine.backend_of(device::host()));
    request.backends = backends;
    made = engine.load(request);
  });
  return made;
}

}  // namespace

void read_slices(const catalog& in, const catalog_tensor& tensor, std::span<const slice> wanted,
                 std::span<std::byte* const> destinations, const read_options& options) {
  std::vector<variable_info> rows;
  std::vector<assignment> assignments;
  host_rows memory{.addresses = destinations, .row_bytes = {}};
  for (const slice& one : wanted) {
    const auto number = static_cast<std::uint32_t>(rows.size());
    variable_info row;
    row.name = tensor.name;
    row.variable = number;
    row.type = tensor.type;
    row.full_shape = tensor.full_shape;
    row.slice = one;
    memory.row_bytes.push_back(row.size_bytes());
    rows.push_back(std::move(row));
    assignments.push_back(
        {.row = number, .checkpoint = 0, .tensor = in.index_of(tensor), .wanted = one});
  }
  const catalog* const catalogs[] = {&in};
  const transfer_plan plan =
      make_transfer_plan(rows, assignments, catalogs, host_plan_options(options));
  (void)carry_out(plan, memory, checksum_use::compare, options);
}

catalog_check check_catalog(const catalog& in, const read_options& options) {
  const transfer_plan plan = make_check_plan(in, whole_plan_options(options));
  load_result result = carry_out(plan, {}, checksum_use::collect_damage, options);
  catalog_check made{.bytes_read = result.bytes_read,
                     .bytes_unchecked = plan.bytes_unchecked,
                     .damage = std::move(result.damage)};
  // Nothing was checked, so the bytes between tensors, which are read too, count as well.
  if (plan.bytes_unchecked == plan.bytes_needed) made.bytes_unchecked = made.bytes_read;
  return made;
}

std::vector<std::uint32_t> compute_crc32c(const catalog& of, const read_options& options) {
  catalog summed = of;
  for (extent& one : summed.extents) one.checksum = {.kind = checksum_kind::crc32c, .value = 0};
  const transfer_plan plan = make_checksum_plan(summed, whole_plan_options(options));
  const load_result result = carry_out(plan, {}, checksum_use::compute, options);
  std::map<std::tuple<std::string, std::int64_t, std::int64_t>, std::uint32_t> known;
  for (std::size_t i = 0; i < plan.extents.size(); ++i) {
    const plan_extent& one = plan.extents[i];
    known[{plan.files[one.file].path, one.offset_bytes, one.size_bytes}] = result.checksums[i];
  }
  std::vector<std::uint32_t> all;
  for (const extent& one : of.extents) {
    const auto found = known.find({of.files[one.file].path, one.offset_bytes, one.size_bytes});
    all.push_back(found == known.end() ? 0 : found->second);  // no tensor uses the extent
  }
  return all;
}

}  // namespace warmstart::detail
