#pragma once

#include <memory>

#include "io/file.hpp"

namespace warmstart::detail {

/// What stands between a file that stores elements in a form of its own and those who read them:
/// gives the file as it would be if it stored them plainly, at offsets that the decoder chose.
/// Immutable.
class decoder {
 public:
  decoder() = default;
  decoder(const decoder&) = delete;
  decoder& operator=(const decoder&) = delete;
  virtual ~decoder() = default;

  /// Any part of it can be read, in any order, by any number of threads; no part is kept in memory.
  /// Its identity is that of the file as stored. Reading throws `corrupt` for what can not be
  /// decoded, or does not have the checksum that covers it. With direct reads, buffers may reach
  /// beyond what there is.
  [[nodiscard]] virtual std::unique_ptr<file> open(const file_system& files,
                                                   read_mode mode) const = 0;
};

}  // namespace warmstart::detail
