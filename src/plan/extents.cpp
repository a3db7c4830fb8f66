#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "plan/plan_builder.hpp"

namespace warmstart::detail {
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

bool same_layout(const stored_piece& a, const stored_piece& b) {
  return a.slice == b.slice && a.first == b.first && strides_of(a) == strides_of(b);
}

template <class Less>
std::vector<std::uint32_t> sorted_order(std::size_t count, Less less) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), less);
  return order;
}

}  // namespace

std::uint32_t plan_builder::add_extent(const catalog& source, const catalog_tensor& tensor,
                                       const stored_piece& piece) {
  const extent& stored = source.extents[piece.extent];
  const catalog_file& in = source.files[stored.file];
  // Two catalogs may have found different files at the same path.
  std::vector<std::uint32_t>& same_path = file_index_[in.path];
  auto file = std::find_if(same_path.begin(), same_path.end(), [&](std::uint32_t index) {
    const catalog_file& known = plan_.files[index];
    return known.identity == in.identity && known.decoded_by == in.decoded_by &&
           known.file_system == in.file_system;
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
                                 .kind = stored.checksum.kind,
                                 .checksum = stored.checksum.value},
                                static_cast<std::uint32_t>(plan_.extents.size()));
  const std::uint32_t index = known->second;
  if (fresh) {
    plan_.extents.push_back({.file = *file,
                             .offset_bytes = stored.offset_bytes,
                             .size_bytes = stored.size_bytes,
                             .checksum = stored.checksum,
                             .compared = false,
                             .tensor = tensor.name});
    largest_element_.push_back(1);
    layout_.push_back(piece);
    several_layouts_.push_back(false);
    repeated_.push_back(false);
    wanted_whole_.push_back(false);
    read_whole_.push_back(false);
    if (stored.checked_with && options_.checksums) read_whole(source, *stored.checked_with);
  } else if (!same_layout(piece, layout_[index])) {
    several_layouts_[index] = true;
  }
  std::int64_t& largest = largest_element_[index];
  largest = std::max(largest, static_cast<std::int64_t>(size_of(tensor.type)));
  return index;
}

// Reads the whole piece, even if no row needs it, because its checksum is needed.
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
  permute(largest_element_, order);
  permute(layout_, order);
  permute(several_layouts_, order);
  permute(repeated_, order);
  permute(wanted_whole_, order);
  permute(read_whole_, order);
  std::vector<std::uint32_t> renumbered(order.size());
  for (std::uint32_t to = 0; to < order.size(); ++to) renumbered[order[to]] = to;

  for (demand& one : plan_.demands) one.extent = renumbered[one.extent];
  const auto by_source = sorted_order(plan_.demands.size(), [&](std::uint32_t a, std::uint32_t b) {
    const demand& x = plan_.demands[a];
    const demand& y = plan_.demands[b];
    return std::pair(x.extent, source_begin(x)) < std::pair(y.extent, source_begin(y));
  });
  permute(plan_.demands, by_source);
  permute(notes_, by_source);

  first_demand_.assign(plan_.extents.size() + 1, 0);
  for (const demand& one : plan_.demands) ++first_demand_[one.extent + 1];
  std::partial_sum(first_demand_.begin(), first_demand_.end(), first_demand_.begin());
  first_left_.assign(first_demand_.begin(), first_demand_.end() - 1);
}

}  // namespace warmstart::detail
