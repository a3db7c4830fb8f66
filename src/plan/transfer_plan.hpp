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

// Which bytes each row gets, as reads in file order. A pure value: it contains files, rows, offsets
// and positions, but no addresses, threads or device handles.
//
//     demand   the box of elements that a row needs from an extent (several, if a view splits it)
//     chunk    a byte range of a file, read at once, with
//                  landings   destinations of its bytes
//                  segments   extents that its bytes belong to
//                  copies     from the slot to rows
//                  uploads    ranges and lists for devices that scatter
//                  relays     peer copies between replicas
//
// Bytes are read in place, straight into a row on the host, if no other row needs them and they
// need no conversion. All other bytes are read to a staging slot. From there a device copies long
// contiguous runs directly to their rows. It scatters the rest in one step out of a *mirror*: its
// own copy of those ranges of the slot, followed by the scatter list. If it scatters out of the
// slot itself, the mirror contains only the list.
//
// If replicas have links between their devices, the host sends bytes to one of them, and the others
// get them by peer copies: as soon as the chunk has arrived or, if chunks leave gaps, after the
// last chunk. The first receiver changes from piece to piece, so that all links are used.

struct plan_options {
  /// Maximum size of a chunk. 0 means 1 MiB if all rows are on the host (4 MiB for direct reads),
  /// else 4 MiB.
  std::int64_t chunk_bytes = 0;
  std::int64_t budget_bytes = 256 * mebibyte;
  std::int64_t readers = 1;                    ///< threads that fill slots, >= 1
  std::int64_t max_gap_bytes = 16 * kibibyte;  ///< largest gap that is read to save a separate read
  bool checksums = true;
  warmstart::partial_checksums partial_checksums = warmstart::partial_checksums::when_half;
  bool expectations = true;   ///< see `row_check::loaded`
  bool direct_reads = false;  ///< read all bytes to slots, so that reads are aligned
  /// Shorter contiguous runs are scattered, because a separate copy to the device would cost more.
  /// 0 means 1 MiB, or half a chunk if that is less.
  std::int64_t min_run_bytes = 0;
  bool mirrors = true;  ///< if false, devices scatter out of the slot itself
  link_speeds links = {};
};

inline constexpr std::int64_t min_chunk_bytes = 64 * kibibyte;

struct plan_extent {
  std::uint32_t file = 0;
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  stored_checksum checksum;
  bool compared = false;  ///< its checksum is compared, by the engine or by the file's decoder
  std::string tensor;     ///< tensor that owns the bytes, for messages

  /// True if the engine reads the whole extent and compares its checksum.
  [[nodiscard]] bool is_checked() const noexcept { return compared && checksum.of_bytes(); }
};

struct demand {
  std::uint32_t row = 0;
  std::uint32_t extent = 0;
  detail::conversion conversion;
  detail::box box;  ///< in elements; source positions are relative to the extent's start
};

/// Elements that no stored data maps to; the variable's own initializer fills them.
struct gap {
  std::uint32_t row = 0;
  warmstart::slice slice;  ///< within the row
};

/// Indices [begin, end) of one of the plan's lists.
struct index_range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct landing {
  static constexpr std::uint32_t slot = UINT32_MAX;

  std::int64_t begin = 0;  ///< within the chunk; ends at the next landing or at the chunk's end
  std::uint32_t row = slot;
  std::int64_t destination_bytes = 0;  ///< within the row
};

struct segment {
  std::uint32_t extent = 0;
  std::int64_t begin = 0;  ///< within the chunk
  std::int64_t size_bytes = 0;
  std::int64_t extent_bytes = 0;  ///< position of the first byte within the extent
};

enum class copy_route : std::uint8_t {
  landed,     ///< read in place: nothing is left to do
  run,        ///< contiguous copy without conversion, by the copy engine
  scattered,  ///< scattered together with others of the chunk
  relayed,    ///< not copied from here but from a replica on another device
};

struct chunk_copy {
  std::uint32_t demand = 0;
  copy_route route = copy_route::scattered;
  std::int64_t source_bytes = 0;       ///< within the chunk
  std::int64_t destination_bytes = 0;  ///< within the row
  std::int64_t run = 0;                ///< elements
  index_range dimensions;              ///< indices into `transfer_plan::dimensions`
};

/// The part of a chunk that a scattering device needs.
struct upload {
  warmstart::device device;
  index_range ranges;  ///< mirrored ranges in `transfer_plan::staged`; empty without mirrors
  std::int64_t list_bytes = 0;  ///< size of the scatter list (`scatter_list.hpp`)
};

/// A peer copy: bytes that a row gets from its replica on another device, at the same position.
struct relay {
  static constexpr std::uint32_t host = UINT32_MAX;

  std::uint32_t from = 0;      ///< row
  std::uint32_t to = 0;        ///< row
  span_range bytes;            ///< byte range within the row
  std::uint32_t after = host;  ///< the relay that copies them to `from`; `host` if chunks do
  std::uint32_t chunks = 0;    ///< number of chunks that contain some of them
};

struct chunk {
  std::uint32_t file = 0;
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  std::int64_t read_bytes = 0;  ///< includes the rest of its pages for direct reads
  bool needs_slot = false;
  index_range landings;
  index_range segments;
  index_range copies;
  index_range uploads;
  index_range relays;  ///< indices into `transfer_plan::chunk_relays`
};

/// How a row's bytes can be verified after the load.
enum class row_check : std::uint8_t {
  none,
  loaded,  ///< the engine computes the expected checksum from the bytes it reads
  stored,  ///< by the checkpoint's checksums, composed over the rows that share each extent
};

/// An extent whose bytes are all, unchanged and in order, in rows of one variable. The checksums of
/// these rows compose to the stored one.
struct composed_check {
  std::uint32_t extent = 0;
  index_range demands;  ///< indices into `transfer_plan::check_demands`
};

struct transfer_plan {
  std::vector<catalog_file> files;
  std::vector<plan_extent> extents;  ///< by file and offset
  std::vector<demand> demands;       ///< by extent, then by source position
  std::vector<gap> gaps;             ///< disjoint from each other and from demands
  std::vector<chunk> chunks;         ///< in file order

  std::vector<landing> landings;
  std::vector<segment> segments;
  std::vector<chunk_copy> copies;
  std::vector<box_dimension> dimensions;  ///< strides in bytes
  std::vector<upload> uploads;
  std::vector<span_range> staged;           ///< byte ranges within their chunk
  std::vector<relay> relays;                ///< each after the relay that it depends on
  std::vector<std::uint32_t> chunk_relays;  ///< relays that wait for each chunk, in order

  std::vector<row_check> row_checks;  ///< by row
  /// By row: the first row that gets the same bytes at the same positions, often the row itself.
  /// The expected checksum of replicas is computed only once.
  std::vector<std::uint32_t> expected_like;
  std::vector<composed_check> checks;
  std::vector<std::uint32_t> check_demands;

  std::int64_t bytes_needed = 0;  ///< stored bytes that rows need, each counted once
  std::int64_t bytes_read = 0;    ///< sum over all chunks
  /// Part of `bytes_needed` without a checksum that is compared.
  std::int64_t bytes_unchecked = 0;
  /// Size of a slot in whole pages: a chunk, at the same offset within a page as in its file, and
  /// the lists after it.
  std::int64_t slot_bytes = 0;
  std::int64_t slot_count = 0;
  std::vector<device> mirrors;    ///< devices that have a mirror of each slot
  std::int64_t mirror_bytes = 0;  ///< size of a mirror: that of a slot, or of the longest list
  std::int64_t budget_bytes = 0;  ///< upper limit of `staging_bytes`

  [[nodiscard]] std::int64_t chunks_with_slots() const noexcept {
    return std::count_if(chunks.begin(), chunks.end(),
                         [](const chunk& one) { return one.needs_slot; });
  }
  /// Bytes per slot, including its mirrors.
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

/// Plans assignments, at most one per row. `assignment::checkpoint` is an index into `catalogs`.
/// Throws `out_of_memory` if the budget is too small; the message names the smallest sufficient
/// one.
[[nodiscard]] transfer_plan make_transfer_plan(std::span<const variable_info> rows,
                                               std::span<const assignment> assignments,
                                               std::span<const catalog* const> catalogs,
                                               const plan_options& options);

/// Plans to read every readable tensor of a catalog and compare its checksums, without copies.
[[nodiscard]] transfer_plan make_check_plan(const catalog& source, const plan_options& options);
/// The same for every tensor, readable or not, to compute checksums of the kinds that the catalog's
/// extents specify.
[[nodiscard]] transfer_plan make_checksum_plan(const catalog& source, const plan_options& options);

}  // namespace warmstart::detail
