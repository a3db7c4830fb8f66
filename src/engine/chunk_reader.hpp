#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/backend.hpp"
#include "engine/copy_expectations.hpp"
#include "engine/file_table.hpp"
#include "engine/ledger.hpp"
#include "engine/load_request.hpp"
#include "engine/trace_recorder.hpp"

namespace warmstart::detail {

/// The copies of a chunk to one backend's rows.
struct chunk_commands {
  std::vector<copy_command> runs;
  std::vector<copy_command> scattered;

  [[nodiscard]] bool empty() const noexcept { return runs.empty() && scattered.empty(); }
};

/// Processes chunks on one reader thread: reads a chunk to its destinations, computes checksums
/// while the bytes are in the cache, and executes the copies to rows on the host.
class chunk_reader {
 public:
  chunk_reader(const load_request& request, file_table& files, checksum_ledger& checksums,
               expectation_ledger& expectations, trace_recorder::lane* lane);

  /// `slot` is a staging slot, or empty for a chunk that needs none. Calls `stopping` between
  /// blocks; if it returns true, abandons the chunk and returns false.
  bool run(std::uint32_t number, std::span<std::byte> slot, const std::function<bool()>& stopping);

  /// Collects the copies of a chunk from `slot` to rows on `target`.
  static void commands(const load_request& request, const chunk& one, std::span<std::byte> slot,
                       const backend* target, chunk_commands& into);
  /// Start of a chunk in its slot, at the same offset within a page as in its file. Direct reads
  /// require it, and the system copies fastest between addresses of equal alignment.
  static std::byte* origin(const chunk& one, std::span<std::byte> slot);

 private:
  /// A range of positions of a chunk, small enough to stay in the processor's cache after the read.
  struct block {
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };

  void release(const chunk& done, const std::shared_ptr<const file>& from);
  void release_used();
  bool read(std::uint32_t number, std::span<std::byte> slot, const std::function<bool()>& stopping);
  void read_block(const chunk& one, const file& from, const block& here, bool summed);
  void land(const chunk& one, const block& here, std::span<const std::byte> bytes,
            bool summed) const;
  void read_direct(const chunk& one, const file& from, std::span<std::byte> slot);
  [[nodiscard]] bool is_checked(const chunk& one) const;
  void check_block(const chunk& one, const block& here);
  [[nodiscard]] bool has_host_copies(const chunk& one) const;
  void copy_to_host(const chunk& one, std::span<std::byte> slot);
  void expect_block(const chunk& one, const block& here);

  template <class Visit>
  void for_each_piece(const chunk& one, std::int64_t begin, std::int64_t end, Visit visit) const;
  [[nodiscard]] std::byte* address(const chunk& one, std::int64_t position) const;

  const load_request& request_;
  const transfer_plan& plan_;
  file_table& files_;
  checksum_ledger& checksums_;
  copy_expectations expected_;
  bool any_expectation_;
  /// Consecutive chunks whose mapped bytes have been consumed.
  struct used_bytes {
    std::shared_ptr<const warmstart::file> file;
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  used_bytes used_;
  trace_recorder::lane* lane_;  ///< null if not traced

  // State of the current chunk:
  std::byte* slot_ = nullptr;  ///< address of position 0 of the chunk
  std::uint32_t segment_ = 0;
  std::uint32_t remainder_ = 0;  ///< partial CRC of the current segment so far

  // Kept to reuse their memory:
  std::vector<std::span<std::byte>> buffers_;
  chunk_commands commands_;
};

}  // namespace warmstart::detail
