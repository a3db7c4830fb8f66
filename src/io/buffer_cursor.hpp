#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "base/units.hpp"

namespace warmstart::detail {

/// A position in a list of buffers: the end of the bytes that have been filled.
class buffer_cursor {
 public:
  explicit buffer_cursor(std::span<const std::span<std::byte>> buffers) : buffers_(buffers) {
    skip_full();
  }

  [[nodiscard]] bool at_end() const { return buffers_.empty(); }

  /// The next buffers for one system call, within its limits on bytes and count.
  [[nodiscard]] std::span<const iovec> vectors() {
    constexpr std::size_t MAX_CALL_BYTES = gibibyte;
    std::size_t total = 0;
    std::size_t count = 0;
    for (std::size_t i = 0;
         i < buffers_.size() && count < vectors_.size() && total < MAX_CALL_BYTES; ++i) {
      const auto rest = i == 0 ? buffers_[i].subspan(filled_) : buffers_[i];
      const std::size_t size = std::min(rest.size(), MAX_CALL_BYTES - total);
      vectors_[count++] = {.iov_base = rest.data(), .iov_len = size};
      total += size;
    }
    return std::span(vectors_).first(count);
  }

  void advance(std::size_t bytes) {
    while (bytes != 0) {
      const std::size_t step = std::min(bytes, buffers_.front().size() - filled_);
      filled_ += step;
      bytes -= step;
      skip_full();
    }
  }

 private:
  void skip_full() {
    while (!buffers_.empty() && filled_ == buffers_.front().size()) {
      buffers_ = buffers_.subspan(1);
      filled_ = 0;
    }
  }

  std::span<const std::span<std::byte>> buffers_;
  std::size_t filled_ = 0;  ///< filled bytes of the first buffer
  std::array<iovec, 256> vectors_{};
};

}  // namespace warmstart::detail
