#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "plan/plan_builder.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

plan_builder::plan_builder(std::span<const variable_info> rows, const plan_options& options,
                           std::int64_t chunk_bytes)
    : rows_(rows),
      options_(options),
      // A direct read starts and ends on a page: it may read up to one page more at either end.
      chunk_bytes_(options.direct_reads ? chunk_bytes - 2 * page_bytes : chunk_bytes),
      loads_(options_.links) {
  if (options_.min_run_bytes == 0) options_.min_run_bytes = std::min(mebibyte, chunk_bytes_ / 2);
  plan_.row_checks.assign(rows.size(), row_check::none);
  plan_.budget_bytes = options.budget_bytes;
}

void plan_builder::add_assignment(const assignment& wanted, const catalog& source) {
  const catalog_tensor& tensor = source.tensors[wanted.tensor];
  const variable_info& row = rows_[wanted.row];
  // A row has at most one assignment. `choose_checks` changes the value if a demand prevents this
  // check.
  plan_.row_checks[wanted.row] = row_check::stored;
  if (wanted.view) add_gaps(wanted);
  for (const stored_piece& piece : tensor.pieces) {
    boxes_.clear();
    append_boxes(wanted.view.get(), piece, wanted.wanted, boxes_);
    if (boxes_.empty()) continue;
    const std::uint32_t extent = add_extent(source, tensor, piece);
    const bool in_order = lies_in_order(piece) && (!wanted.view || wanted.view->in_order());
    const bool plain = !wanted.view && lies_in_order(piece);
    if (shares_elements(piece) || (wanted.view && wanted.view->repeats())) {
      repeated_[extent] = true;
    }
    for (box& one : boxes_) {
      plan_.demands.push_back({.row = wanted.row,
                               .extent = extent,
                               .conversion = {.from = tensor.type,
                                              .to = row.type,
                                              .swapped = tensor.swapped,
                                              .conjugated = tensor.conjugated,
                                              .negated = tensor.negated},
                               .box = std::move(one)});
      notes_.push_back({.view = wanted.view.get(),
                        .in_order = in_order,
                        .stored = plain ? intersection(piece.slice, wanted.wanted) : std::nullopt});
    }
  }
}

void plan_builder::add_gaps(const assignment& wanted) {
  std::vector<slice> gaps;
  wanted.view->append_gaps(wanted.wanted, gaps);
  for (const slice& one : gaps) {
    std::vector<slice_extent> within = one.extents();
    for (std::size_t d = 0; d < within.size(); ++d) {
      within[d].start -= wanted.wanted.extents()[d].start;
    }
    plan_.gaps.push_back({.row = wanted.row, .slice = slice(std::move(within))});
  }
}

void plan_builder::add_whole_extent(const catalog& source, const catalog_tensor& tensor,
                                    const stored_piece& piece) {
  wanted_whole_[add_extent(source, tensor, piece)] = true;
}

std::span<const demand> plan_builder::demands_of(std::uint32_t extent) const {
  return transfer_plan::part(plan_.demands, {first_demand_[extent], first_demand_[extent + 1]});
}

transfer_plan plan_builder::finish() {
  sort_extents();
  find_replicas();
  make_chunks(choose_reads());
  choose_slots();
  choose_checks();
  return std::move(plan_);
}

namespace {

// The memory of a chunk depends on its copies. Tries smaller chunks until they fit the budget.
transfer_plan plan_within_budget(std::span<const variable_info> rows, const plan_options& options,
                                 const std::function<void(plan_builder&)>& add_all) {
  std::int64_t chunk_bytes = first_chunk_bytes(rows, options);
  for (;; chunk_bytes = std::max(chunk_bytes / 2, min_chunk_bytes)) {
    plan_builder builder(rows, options, chunk_bytes);
    add_all(builder);
    transfer_plan made = builder.finish();
    if (made.slot_bytes == 0 || made.slot_count > 0) return made;
    if (chunk_bytes > min_chunk_bytes) continue;
    throw error(error_code::out_of_memory,
                fmt::format("a staging budget of {} bytes is too small; expected at least {} bytes",
                            options.budget_bytes, made.bytes_per_slot()));
  }
}

transfer_plan plan_whole_pieces(const catalog& source, const plan_options& options,
                                const std::function<bool(const catalog_tensor&)>& is_wanted) {
  return plan_within_budget({}, options, [&](plan_builder& builder) {
    for (const catalog_tensor& tensor : source.tensors) {
      if (!is_wanted(tensor)) continue;
      for (const stored_piece& piece : tensor.pieces) {
        builder.add_whole_extent(source, tensor, piece);
      }
    }
  });
}

}  // namespace

transfer_plan make_transfer_plan(std::span<const variable_info> rows,
                                 std::span<const assignment> assignments,
                                 std::span<const catalog* const> catalogs,
                                 const plan_options& options) {
  return plan_within_budget(rows, options, [&](plan_builder& builder) {
    for (const assignment& one : assignments) {
      builder.add_assignment(one, *catalogs[one.checkpoint]);
    }
  });
}

transfer_plan make_check_plan(const catalog& source, const plan_options& options) {
  return plan_whole_pieces(source, options,
                           [](const catalog_tensor& tensor) { return is_readable(tensor); });
}

transfer_plan make_checksum_plan(const catalog& source, const plan_options& options) {
  return plan_whole_pieces(source, options, [](const catalog_tensor& /*any*/) { return true; });
}

}  // namespace warmstart::detail
