#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "plan/plan_builder.hpp"
#include "warmstart/error.hpp"

namespace warmstart {
namespace {

template <class T>
void permute(std::vector<T>& list, std::span<const std::uint32_t> order) {
  std::vector<T> sorted;
  sorted.reserve(list.size());
  for (const std::uint32_t from : order) sorted.push_back(std::move(list[from]));
  list = std::move(sorted);
}

void permute(std::vector<bool>& list, std::span<const std::uint32_t> order) {
  std::vector<bool> sorted;
  for (const std::uint32_t from : order) sorted.push_back(list[from]);
  list = std::move(sorted);
}

template <class Less>
std::vector<std::uint32_t> sorted_order(std::size_t count, Less less) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), less);
  return order;
}

}  // namespace

plan_builder::plan_builder(std::span<const variable_info> rows, const plan_options& options,
                           std::int64_t chunk_bytes)
    : rows_(rows),
      options_(options),
      // A direct read begins and ends on a page: up to one more at either end.
      chunk_bytes_(options.direct_reads ? chunk_bytes - 2 * page_bytes : chunk_bytes),
      loads_(options_.links) {
  plan_.row_checks.assign(rows.size(), row_check::none);
  plan_.budget_bytes = options.budget_bytes;
}

void plan_builder::add_assignment(const assignment& wanted, const catalog& source) {
  const catalog_tensor& tensor = source.tensors[wanted.tensor];
  const variable_info& row = rows_[wanted.row];
  // A row's only assignment is its last; until a demand says otherwise nothing can differ.
  plan_.row_checks[wanted.row] = row_check::stored;
  for (const stored_piece& piece : tensor.pieces) {
    const auto common = intersection(piece.where, wanted.wanted);
    if (!common || common->lengths().element_count() == 0) continue;
    plan_.demands.push_back(
        {.row = wanted.row,
         .extent = add_extent(source, tensor, piece),
         .how = {.from = tensor.type, .to = row.type, .swapped = tensor.swapped},
         .what = make_box(piece.where, wanted.wanted, *common)});
    demand_slices_.push_back(*common);
  }
}

void plan_builder::add_whole_extent(const catalog& source, const catalog_tensor& tensor,
                                    const stored_piece& piece) {
  wanted_whole_[add_extent(source, tensor, piece)] = true;
}

std::uint32_t plan_builder::add_extent(const catalog& source, const catalog_tensor& tensor,
                                       const stored_piece& piece) {
  const extent& stored = source.extents[piece.extent];
  const catalog_file& in = source.files[stored.file];
  // The same path may have led to different files when two catalogs were made.
  std::vector<std::uint32_t>& same_path = file_index_[in.path];
  auto file = std::find_if(same_path.begin(), same_path.end(), [&](std::uint32_t index) {
    const catalog_file& known = plan_.files[index];
    return known.identity == in.identity && known.decoded_by == in.decoded_by;
  });
  if (file == same_path.end()) {
    same_path.push_back(static_cast<std::uint32_t>(plan_.files.size()));
    plan_.files.push_back(in);
    file = std::prev(same_path.end());
  }
  const auto [known, fresh] =
      extent_index_.try_emplace({.file = *file,
                                 .offset_bytes = stored.offset_bytes,
                                 .size_bytes = stored.size_bytes,
                                 .element_bytes = size_of(tensor.type),
                                 .kind = stored.checksum.kind,
                                 .checksum = stored.checksum.value},
                                static_cast<std::uint32_t>(plan_.extents.size()));
  const std::uint32_t index = known->second;
  if (fresh) {
    plan_.extents.push_back({.file = *file,
                             .offset_bytes = stored.offset_bytes,
                             .size_bytes = stored.size_bytes,
                             .checksum = stored.checksum,
                             .verified = false,
                             .tensor = tensor.name});
    element_bytes_.push_back(static_cast<std::int64_t>(size_of(tensor.type)));
    where_.push_back(piece.where);
    several_shapes_.push_back(false);
    wanted_whole_.push_back(false);
    read_whole_.push_back(false);
    if (stored.verified_with && options_.checksums) read_whole(source, *stored.verified_with);
  } else if (piece.where != where_[index]) {
    several_shapes_[index] = true;
  }
  return index;
}

// It need not be wanted: its checksum is.
void plan_builder::read_whole(const catalog& source, const piece_reference& which) {
  const catalog_tensor& tensor = source.tensors[which.tensor];
  read_whole_[add_extent(source, tensor, tensor.pieces[which.piece])] = true;
}

void plan_builder::sort_extents() {
  const auto order = sorted_order(plan_.extents.size(), [&](std::uint32_t a, std::uint32_t b) {
    const auto key = [&](std::uint32_t i) {
      const plan_extent& e = plan_.extents[i];
      return std::tuple(e.file, e.offset_bytes, e.size_bytes);
    };
    return key(a) < key(b);
  });
  permute(plan_.extents, order);
  permute(element_bytes_, order);
  permute(where_, order);
  permute(several_shapes_, order);
  permute(wanted_whole_, order);
  permute(read_whole_, order);
  std::vector<std::uint32_t> renumbered(order.size());
  for (std::uint32_t to = 0; to < order.size(); ++to) renumbered[order[to]] = to;

  for (demand& one : plan_.demands) one.extent = renumbered[one.extent];
  const auto by_source = sorted_order(plan_.demands.size(), [&](std::uint32_t a, std::uint32_t b) {
    const demand& x = plan_.demands[a];
    const demand& y = plan_.demands[b];
    return std::pair(x.extent, x.what.source) < std::pair(y.extent, y.what.source);
  });
  permute(plan_.demands, by_source);
  permute(demand_slices_, by_source);

  first_demand_.assign(plan_.extents.size() + 1, 0);
  for (const demand& one : plan_.demands) ++first_demand_[one.extent + 1];
  std::partial_sum(first_demand_.begin(), first_demand_.end(), first_demand_.begin());
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

// What a chunk's memory comes to is known when its copies are: smaller chunks are tried until they
// fit.
transfer_plan plan_within_budget(std::span<const variable_info> rows, const plan_options& options,
                                 const std::function<void(plan_builder&)>& add_all) {
  std::int64_t chunk_bytes = first_chunk_bytes(rows, options);
  for (;; chunk_bytes = std::max(chunk_bytes / 2, min_chunk_bytes)) {
    plan_builder builder(rows, options, chunk_bytes);
    add_all(builder);
    transfer_plan made = builder.finish();
    if (made.slot_bytes == 0 || made.slot_count > 0) return made;
    if (chunk_bytes > min_chunk_bytes) continue;
    throw error(
        error_code::out_of_memory,
        fmt::format(
            "a staging budget of {} bytes does not suffice; the smallest that would do is {}",
            options.budget_bytes, made.bytes_per_slot()));
  }
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

transfer_plan make_verification_plan(const catalog& source, const plan_options& options) {
  return plan_within_budget({}, options, [&](plan_builder& builder) {
    for (const catalog_tensor& tensor : source.tensors) {
      if (!is_readable(tensor)) continue;
      for (const stored_piece& piece : tensor.pieces) {
        builder.add_whole_extent(source, tensor, piece);
      }
    }
  });
}

}  // namespace warmstart
