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

/// Reads any part of a deflated entry of an open file; thread safe. Who reads in order inflates
/// everything once. Whoever goes back begins at the nearest *mark*: a position kept while passing.
class deflated_reader {
 public:
  /// Both outlive it.
  deflated_reader(const file& from, const deflated_entry& entry);

  /// Fills the buffers with the decoded bytes from `offset_bytes` on; those beyond the entry's end
  /// are left as they are. Throws as `inflater`.
  void read(std::int64_t offset_bytes, std::span<const std::span<std::byte>> buffers);

 private:
  [[nodiscard]] inflater begin_before(std::int64_t offset_bytes);
  void skip(inflater& at, std::int64_t count);
  void read_on(inflater& at, std::span<std::byte> into);

  const file& from_;
  const deflated_entry& entry_;
  std::int64_t spacing_;  ///< of marks
  std::mutex mutex_;
  std::optional<inflater> last_;  ///< where the last read ended
  std::vector<inflater> marks_;   ///< after `spacing_` bytes, after twice as many, ...
};

}  // namespace warmstart::detail
