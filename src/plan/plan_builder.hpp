#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "plan/link_loads.hpp"
#include "plan/transfer_plan.hpp"

namespace warmstart::detail {

/// Direct reads begin and end on a page, or with the file.
inline constexpr std::int64_t page_bytes = 4 * kibibyte;

/// Where the next element of a plan's list will be.
[[nodiscard]] std::uint32_t end_of(const auto& list) {
  return static_cast<std::uint32_t>(list.size());
}

/// The steps from assignments to a transfer plan, one file each:
///
///     demands.cpp   assignments → demands, gaps
///     extents.cpp   pieces → extents, files; their order
///     reads.cpp     demands → ranges of extents to read
///     chunks.cpp    ranges → chunks with segments and copies
///     routes.cpp    copies → landings, runs, uploads; slots
///     relays.cpp    copies → relays between replicas
///     checks.cpp    what the resident bytes can be compared with
class plan_builder {
 public:
  /// `chunk_bytes`: bound of a chunk's size; at least `min_chunk_bytes`.
  plan_builder(std::span<const variable_info> rows, const plan_options& options,
               std::int64_t chunk_bytes);

  void add_assignment(const assignment& wanted, const catalog& source);
  void add_whole_extent(const catalog& source, const catalog_tensor& tensor,
                        const stored_piece& piece);
  /// The plan; with a `slot_count` of 0 if a slot is needed and the budget is too small for one.
  [[nodiscard]] transfer_plan finish();

 private:
  /// Bytes [begin, end) of an extent that are to be read, at most a chunk's worth.
  struct read_piece {
    std::uint32_t extent = 0;
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };

  /// Where a demand comes from.
  struct demand_note {
    const view* through = nullptr;
    bool in_order = true;  ///< the variable has the elements in the order that the extent has
    std::optional<slice> stored = {};  ///< the slice of the tensor, where nothing is moved about
  };

  /// Rows on devices that want the same bytes, large enough to be passed on.
  struct replica_group {
    std::vector<std::uint32_t> rows;
    bool as_a_whole = false;          ///< chunks leave gaps: passed on when all have come
    std::vector<delivery> ways = {};  ///< of the last bytes that were looked at
    index_range relays = {};          ///< likewise
    std::uint32_t last_chunk = 0;     ///< that its relays wait for
  };
  static constexpr std::uint32_t NO_REPLICAS = UINT32_MAX;

  // demands.cpp
  void add_gaps(const assignment& wanted);
  // extents.cpp
  std::uint32_t add_extent(const catalog& source, const catalog_tensor& tensor,
                           const stored_piece& piece);
  void read_whole(const catalog& source, const piece_reference& which);
  void sort_extents();
  // reads.cpp
  std::vector<read_piece> choose_reads();
  std::int64_t needed_bytes(std::uint32_t extent) const;
  [[nodiscard]] std::int64_t union_bytes(std::uint32_t extent) const;
  [[nodiscard]] std::vector<span_range> ranges_of(std::uint32_t extent,
                                                  std::int64_t max_gap_bytes) const;
  void add_reads(std::uint32_t extent, std::int64_t needed, std::vector<read_piece>& reads);
  void count(std::span<const std::int64_t> needed);
  void cut(std::uint32_t extent, span_range bytes, std::vector<read_piece>& reads) const;
  // chunks.cpp
  void make_chunks(std::vector<read_piece> reads);
  void open_chunk(const read_piece& first);
  void add_copies(const read_piece& piece, std::int64_t chunk_begin);
  void close_chunk();
  void choose_routes(chunk& done);
  void add_uploads(chunk& done);
  [[nodiscard]] std::int64_t slot_bytes_of(const chunk& one) const;
  void choose_slots();
  [[nodiscard]] std::int64_t read_bytes(const chunk& one) const;
  // relays.cpp
  void find_replicas();
  void add_relays(chunk& done);
  void relay_copies(replica_group& of, std::span<const std::uint32_t> copies);
  void choose_ways(replica_group& of, span_range bytes, std::int64_t host_bytes);
  [[nodiscard]] std::int64_t source_bytes(const chunk_copy& copy) const;
  // checks.cpp
  void choose_checks();
  void share_expectations();
  [[nodiscard]] std::uint64_t group_of(std::uint32_t demand) const;
  void compose(std::uint32_t extent, std::span<const std::uint32_t> group,
               std::vector<bool>& composed);

  [[nodiscard]] std::span<const demand> demands_of(std::uint32_t extent) const;
  /// Where a demand's bytes begin and end in its extent.
  [[nodiscard]] static std::int64_t source_begin(const demand& one) {
    return one.what.source * static_cast<std::int64_t>(size_of(one.how.from));
  }
  [[nodiscard]] static std::int64_t source_end(const demand& one) {
    return one.what.source_end() * static_cast<std::int64_t>(size_of(one.how.from));
  }
  [[nodiscard]] static std::int64_t wanted_bytes(const demand& one) {
    return one.what.element_count() * static_cast<std::int64_t>(size_of(one.how.from));
  }

  std::span<const variable_info> rows_;
  plan_options options_;
  transfer_plan plan_;
  std::int64_t chunk_bytes_ = 0;
  /// Bytes are shared by tensors that agree on the checksum. Others have extents of their own,
  /// which then overlap in the file.
  struct extent_key {
    std::uint32_t file = 0;
    std::int64_t offset_bytes = 0;
    std::int64_t size_bytes = 0;
    checksum_kind kind = checksum_kind::none;
    std::uint32_t checksum = 0;

    auto operator<=>(const extent_key&) const = default;
  };
  std::map<extent_key, std::uint32_t> extent_index_;
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> file_index_;
  // Parallel to plan_.extents:
  std::vector<std::int64_t> largest_element_;  ///< in bytes: they are powers of two
  std::vector<stored_piece> layout_;           ///< of the (first) tensor's elements in it
  std::vector<bool> several_layouts_;        ///< tensors whose elements lie otherwise have it, too
  std::vector<bool> repeated_;               ///< some variable wants some of it more than once
  std::vector<bool> wanted_whole_;           ///< without a demand
  std::vector<bool> read_whole_;             ///< whatever is wanted: others are verified with it
  std::vector<std::uint32_t> first_demand_;  ///< one more than extents
  std::vector<replica_group> replicas_;
  std::vector<std::uint32_t> replicas_of_;  ///< by row
  link_loads loads_;
  std::vector<std::uint32_t> first_left_;  ///< demands before it have got all that they want
  std::vector<demand_note> notes_;         ///< parallel to demands
  std::vector<box> boxes_;                 ///< kept for its memory
};

/// True if no row lives on a device.
[[nodiscard]] bool host_only(std::span<const variable_info> rows);
/// The chunks that a plan is tried with first: whole pages, at least `min_chunk_bytes`.
[[nodiscard]] std::int64_t first_chunk_bytes(std::span<const variable_info> rows,
                                             const plan_options& options);

}  // namespace warmstart::detail
