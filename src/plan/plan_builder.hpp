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

/// Direct reads start and end at multiples of this, or at the end of the file.
inline constexpr std::int64_t page_bytes = 4 * kibibyte;

/// Index of the next element of a plan's list.
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
///     checks.cpp    which checksums rows can be compared with
class plan_builder {
 public:
  /// `chunk_bytes` is the maximum size of a chunk, at least `min_chunk_bytes`.
  plan_builder(std::span<const variable_info> rows, const plan_options& options,
               std::int64_t chunk_bytes);

  void add_assignment(const assignment& wanted, const catalog& source);
  void add_whole_extent(const catalog& source, const catalog_tensor& tensor,
                        const stored_piece& piece);
  /// Returns the plan. Its `slot_count` is 0 if slots are needed and the budget is too small for
  /// one.
  [[nodiscard]] transfer_plan finish();

 private:
  /// Bytes [begin, end) of an extent to read, at most one chunk.
  struct read_piece {
    std::uint32_t extent = 0;
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };

  /// The origin of a demand.
  struct demand_note {
    const detail::view* view = nullptr;
    bool in_order = true;  ///< elements have the same order in the variable and in the extent
    std::optional<slice> stored = {};  ///< slice of the tensor, if elements are not reordered
  };

  /// Rows on devices that need the same bytes and are large enough for peer copies.
  struct replica_group {
    std::vector<std::uint32_t> rows;
    bool as_a_whole = false;          ///< chunks leave gaps: copied when all chunks have arrived
    std::vector<delivery> ways = {};  ///< deliveries of the last bytes considered
    index_range relays = {};          ///< relays of these bytes
    std::uint32_t last_chunk = 0;     ///< the last chunk that its relays wait for
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
  /// Start and end of a demand's bytes in its extent.
  [[nodiscard]] static std::int64_t source_begin(const demand& one) {
    return one.box.source * static_cast<std::int64_t>(size_of(one.conversion.from));
  }
  [[nodiscard]] static std::int64_t source_end(const demand& one) {
    return one.box.source_end() * static_cast<std::int64_t>(size_of(one.conversion.from));
  }
  [[nodiscard]] static std::int64_t wanted_bytes(const demand& one) {
    return one.box.element_count() * static_cast<std::int64_t>(size_of(one.conversion.from));
  }

  std::span<const variable_info> rows_;
  plan_options options_;
  transfer_plan plan_;
  std::int64_t chunk_bytes_ = 0;
  /// Tensors with the same bytes and the same checksum share an extent. Tensors with different
  /// checksums have separate extents, which then overlap in the file.
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
  /// Size of the largest element in bytes; sizes are powers of two.
  std::vector<std::int64_t> largest_element_;
  std::vector<stored_piece> layout_;   ///< layout of the first tensor's elements
  std::vector<bool> several_layouts_;  ///< tensors with other layouts share the extent
  std::vector<bool> repeated_;         ///< a variable needs an element more than once
  std::vector<bool> wanted_whole_;     ///< whole extent is needed, without a demand
  /// Whole extent is read, because the checksums of others depend on it.
  std::vector<bool> read_whole_;
  std::vector<std::uint32_t> first_demand_;  ///< by extent, with one entry more
  std::vector<replica_group> replicas_;
  std::vector<std::uint32_t> replicas_of_;  ///< by row
  link_loads loads_;
  std::vector<std::uint32_t> first_left_;  ///< earlier demands are complete
  std::vector<demand_note> notes_;         ///< parallel to demands
  std::vector<box> boxes_;                 ///< kept to reuse its memory
};

/// True if all rows are on the host.
[[nodiscard]] bool host_only(std::span<const variable_info> rows);
/// Chunk size of the first attempt: whole pages, at least `min_chunk_bytes`.
[[nodiscard]] std::int64_t first_chunk_bytes(std::span<const variable_info> rows,
                                             const plan_options& options);

}  // namespace warmstart::detail
