#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "formats/tensorflow/sstable/table_blocks.hpp"

namespace warmstart::detail {

/// Checks that a table's keys ascend across all data blocks, and that the index's keys separate the
/// blocks.
class key_order {
 public:
  explicit key_order(const table_blocks& blocks) : blocks_(blocks) {}

  void begin_block(std::string_view separator, std::int64_t index_offset);
  void add(std::string_view key, std::int64_t offset);
  void end_block(std::string_view separator, std::int64_t offset);
  /// Replaces `end_block` for a block whose keys cannot be read.
  void skip_block(std::string_view separator);

 private:
  const table_blocks& blocks_;
  bool any_key_ = false;
  bool first_of_block_ = false;
  std::string last_key_;
  std::string separator_;  ///< of the last finished block
};

}  // namespace warmstart::detail
