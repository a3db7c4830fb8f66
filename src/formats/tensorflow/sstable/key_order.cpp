#include "formats/tensorflow/sstable/key_order.hpp"

#include <fmt/format.h>

#include "base/printable.hpp"

namespace warmstart::detail {
namespace {

std::string shortened(std::string_view key) {
  return printable(key.substr(0, 100));
}

}  // namespace

void key_order::begin_block(std::string_view separator, std::int64_t index_offset) {
  if (any_key_ && !separator_.empty() && separator < separator_) {
    blocks_.refuse(index_offset, "the index block's keys do not ascend");
  }
  first_of_block_ = true;
}

void key_order::add(std::string_view key, std::int64_t offset) {
  if (any_key_ && (key <= last_key_ || (first_of_block_ && key <= separator_))) {
    blocks_.refuse(offset, fmt::format("keys do not ascend: '{}' after '{}'", shortened(key),
                                       shortened(last_key_)));
  }
  first_of_block_ = false;
  any_key_ = true;
  last_key_ = key;
}

// A separator is >= the last key of its block, and < the first key of the next block.
void key_order::end_block(std::string_view separator, std::int64_t offset) {
  if (any_key_ && last_key_ > separator) {
    blocks_.refuse(offset, fmt::format("key '{}' is beyond its block's end, '{}'",
                                       shortened(last_key_), shortened(separator)));
  }
  separator_ = separator;
}

void key_order::skip_block(std::string_view separator) {
  any_key_ = true;
  last_key_ = separator;
  separator_ = separator;
}

}  // namespace warmstart::detail
