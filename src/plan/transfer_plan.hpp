#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "model/assignment.hpp"
#include "model/catalog.hpp"
#include "model/scatter_list.hpp"
#include "model/variable_info.hpp"
#include "tensor/box.hpp"
#include "tensor/conversion.hpp"
#include "warmstart/links.hpp"
#include "warmstart/partial_checksums.hpp"

namespace warmstart::detail {

// Who gets which bytes, as file-ordered reads. A pure value: it names files, {row, offset} and
// positions, never an address, a thread or a device handle.
//
//     demand   what one row wants from one extent: a box of elements       (several, where a view
//              cuts it up)
//     chunk    a range of a file, read at once          landings: where its bytes go to
//              and what leaves it                       segments: which extents' bytes they are
//                                                       copies:   from the slot to rows
//                                                       uploads:  to devices that scatter
//                                                       relays:   from rows to their replicas
//
// A landing is a row's own memory where nobody else wants the bytes and they need no work (host
// rows only); everything else lands in a slot of the staging ring. From there a device copies long
// contiguous runs straight to their rows. The others it scatters in one step, out of a *mirror*:
// its own copy of those ranges of the slot, with the list of what goes where behind the chunk.
// Where it scatters out of the slot itself, the mirror has the list alone.
//
// Where replicas have links between their devices, the host sends their bytes to one of them, and
// they pass them on: as soon as a chunk has brought them, or where it brings them strided, when the
// last chunk has. Which one it is changes from piece to piece, so that all links are in use.

struct plan_options {
  /// Upper bound. 0: 1 MiB for host rows only (4 MiB by direct reads), else 4 MiB.
  std::int64_t chunk_bytes = 0;
  std::int64_t budget_bytes = 256 * mebibyte;
  std::int64_t readers = 1;                    ///< threads that fill slots, >= 1
  std::int64_t max_gap_bytes = 16 * kibibyte;  ///< unwanted bytes that are read to save a read
  bool checksums = true;
  partial_checksums partial = partial_checksums::when_half;
  bool expectations = true;   ///< see `row_check::loaded`
  bool direct_reads = false;  ///< all bytes through slots, so that reads can be aligned
  /// Contiguous runs on devices that are shorter are scattered: a copy of its own costs more. 0: 1
  /// MiB, or half a chunk where that is less.
  std::int64_t min_run_bytes = 0;
  bool mirrors = true;  ///< false: devices scatter out of the slot itself
  link_speeds links = {};
};

inline constexpr std::int64_t min_chunk_bytes = 64 * kibibyte;

struct plan_extent {
  std::uint32_t file = 0;
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  stored_checksum checksum;
  bool verified = false;  ///< its checksum is compared; by its file's decoder, if it has one
  std::string tensor;     ///< whose bytes these are, for messages

  /// It is read as a whole, and the engine compares its checksum.
  [[nodiscard]] bool is_checked() const noexcept { return verified && checksum.of_bytes(); }
};

struct demand {
  std::uint32_t row = 0;
  std::uint32_t extent = 0;
  conversion how;
  box what;  ///< in elements; the source counts from the extent's start
};

/// Elements of a row that its assignment has nothing for: the variable's own initializer makes
/// them.
struct gap {
  std::uint32_t row = 0;
  slice where;  ///< within the row
};

/// Positions [begin, end) of one of the plan's lists.
struct index_range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct landing {
  static constexpr std::uint32_t slot = UINT32_MAX;

  std::int64_t begin = 0;  ///< within the chunk; it reaches to the next landing, or the chunk's end
  std::uint32_t row = slot;
  std::int64_t destination_bytes = 0;  ///< within the row
};

struct segment {
  std::uint32_t extent = 0;
  std::int64_t begin = 0;  ///< within the chunk
  std::int64_t size_bytes = 0;
  std::int64_t extent_bytes = 0;  ///< position of its first byte within the extent
};

enum class copy_route : std::uint8_t {
  landed,     ///< its bytes land in the row: nothing is left to do
  run,        ///< contiguous and unchanged, by the copy engine
  scattered,  ///< with the others of the chunk, in one step
  relayed,    ///< not from here: from a replica of the row, on another device
};

struct chunk_copy {
  std::uint32_t demand = 0;
  copy_route route = copy_route::scattered;
  std::int64_t source_bytes = 0;       ///< within the chunk
  std::int64_t destination_bytes = 0;  ///< within the row
  std::int64_t run = 0;                ///< elements
  index_range dimensions;              ///< of `transfer_plan::dimensions`
};

/// What a device that scatters needs of a chunk.
struct upload {
  device to;
  index_range ranges;  ///< of `transfer_plan::staged`: what it mirrors; none without mirrors
  std::int64_t list_bytes = 0;  ///< the copies, as `scatter_list.hpp` lays them out
};

/// Bytes that a row takes from a replica of it on another device, where they have the same place.
struct relay {
  static constexpr std::uint32_t host = UINT32_MAX;

  std::uint32_t from = 0;      ///< row
  std::uint32_t to = 0;        ///< row
  span_range bytes;            ///< of the row
  std::uint32_t after = host;  ///< the relay that brings them to `from`; else chunks do
  std::uint32_t chunks = 0;    ///< how many chunks have some of them
};

struct chunk {
  std::uint32_t file = 0;
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  std::int64_t read_bytes = 0;  ///< with the rest of its pages, where reads are direct
  bool needs_slot = false;
  index_range landings;
  index_range segments;
  index_range copies;
  index_range uploads;
  index_range relays;  ///< of `transfer_plan::chunk_relays`
};

/// How a row's bytes can be verified once they are resident.
enum class row_check : std::uint8_t {
  none,
  loaded,  ///< the engine computes the expected checksum from what it reads
  stored,  ///< checksums in the checkpoint, composed from the rows that share each extent
};

/// An extent all of whose bytes are, unchanged and in order, in rows of one variable: their
/// checksums compose to the stored one.
struct composed_check {
  std::uint32_t extent = 0;
  index_range demands;  ///< of `transfer_plan::check_demands`
};

struct transfer_plan {
  std::vector<catalog_file> files;
  std::vector<plan_extent> extents;  ///< by file and offset
  std::vector<demand> demands;       ///< by extent, then by source position
  std::vector<gap> gaps;             ///< disjoint, and disjoint with what demands fill
  std::vector<chunk> chunks;         ///< in file order

  std::vector<landing> landings;
  std::vector<segment> segments;
  std::vector<chunk_copy> copies;
  std::vector<box_dimension> dimensions;  ///< strides in bytes
  std::vector<upload> uploads;
  std::vector<span_range> staged;           ///< within the chunk
  std::vector<relay> relays;                ///< each behind the one that it comes after
  std::vector<std::uint32_t> chunk_relays;  ///< those that wait for the chunk, first ones first

  std::vector<row_check> row_checks;  ///< one per row of the call
  /// By row: the first row that gets the same bytes at the same places, often the row itself. What
  /// is expected of replicas is computed once.
  std::vector<std::uint32_t> expected_like;
  std::vector<composed_check> checks;
  std::vector<std::uint32_t> check_demands;

  std::int64_t bytes_needed = 0;  ///< union of the stored bytes that rows want
  std::int64_t bytes_read = 0;    ///< sum of the chunks
  /// Of bytes_needed: no checksum covers them, or it will not be compared.
  std::int64_t bytes_unchecked = 0;
  /// Whole pages: a chunk, as far from a page as it is in its file, and the lists behind it.
  std::int64_t slot_bytes = 0;
  std::int64_t slot_count = 0;
  std::vector<device> mirrors;    ///< devices with memory beside each slot
  std::int64_t mirror_bytes = 0;  ///< of it: as the slot, or for the longest list alone
  std::int64_t budget_bytes = 0;  ///< bound of `staging_bytes`

  [[nodiscard]] std::int64_t chunks_with_slots() const noexcept {
    return std::count_if(chunks.begin(), chunks.end(),
                         [](const chunk& one) { return one.needs_slot; });
  }
  /// What a slot costs, with its mirrors.
  [[nodiscard]] std::int64_t bytes_per_slot() const noexcept {
    return slot_bytes + mirror_bytes * static_cast<std::int64_t>(mirrors.size());
  }
  [[nodiscard]] std::int64_t staging_bytes() const noexcept {
    return bytes_per_slot() * slot_count;
  }

  template <class T>
  [[nodiscard]] static std::span<const T> part(const std::vector<T>& list, index_range range) {
    return std::span(list).subspan(range.begin, range.end - range.begin);
  }
};

/// Plans the assignments, each row at most once. `catalogs` are what the assignments' checkpoint
/// numbers index. Throws `out_of_memory` if the budget does not suffice, naming the smallest that
/// would.
[[nodiscard]] transfer_plan make_transfer_plan(std::span<const variable_info> rows,
                                               std::span<const assignment> assignments,
                                               std::span<const catalog* const> catalogs,
                                               const plan_options& options);

/// A plan that reads every readable tensor of a catalog for its checksums, and copies nothing.
[[nodiscard]] transfer_plan make_verification_plan(const catalog& source,
                                                   const plan_options& options);
/// The same for every tensor, readable or not: to compute checksums of the kinds that the catalog's
/// extents name.
[[nodiscard]] transfer_plan make_checksum_plan(const catalog& source, const plan_options& options);

}  // namespace warmstart::detail
