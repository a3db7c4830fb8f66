#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "formats/zip/inflater.hpp"
#include "io/file.hpp"

namespace warmstart::detail {

/// Reads any part of a deflated entry of an open file; thread safe. Reading in order inflates every
/// byte once. A read at an earlier offset begins at the nearest *mark*: a copy of the inflater at
/// that position.
class deflated_reader {
 public:
  /// Both arguments must outlive it.
  deflated_reader(const file& from, const deflated_entry& entry);

  /// Fills the buffers with the decoded bytes from `offset_bytes` on. Does not touch the part of
  /// the buffers beyond the entry's end. Throws what `inflater` throws.
  void read(std::int64_t offset_bytes, std::span<const std::span<std::byte>> buffers);

 private:
  [[nodiscard]] inflater begin_before(std::int64_t offset_bytes);
  void skip(inflater& at, std::int64_t count);
  void read_on(inflater& at, std::span<std::byte> into);

  const file& from_;
  const deflated_entry& entry_;
  std::int64_t spacing_;  ///< distance of marks, in decoded bytes
  std::mutex mutex_;
  std::optional<inflater> last_;  ///< at the end of the last read
  std::vector<inflater> marks_;   ///< at `spacing_`, 2 * `spacing_`, ...
};

}  // namespace warmstart::detail
