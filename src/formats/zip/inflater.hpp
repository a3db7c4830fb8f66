#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "io/file.hpp"

namespace warmstart::detail {

/// The byte range of a deflated entry in its archive's file.
struct deflated_entry {
  std::string name;               ///< for messages
  std::int64_t offset_bytes = 0;  ///< after the local header
  std::int64_t size_bytes = 0;    ///< as stored
  std::int64_t decoded_bytes = 0;
};

/// A position in a deflated entry of an open file; reads continue from there. The file and the
/// entry must outlive it. Throws `corrupt`, and what reading throws; do not use it after that.
class inflater {
 public:
  /// Begins at the entry's first byte.
  inflater(const file& from, const deflated_entry& entry);

  /// A second inflater at the same position.
  [[nodiscard]] inflater copy() const;
  /// In decoded bytes.
  [[nodiscard]] std::int64_t position() const noexcept { return position_; }

  /// Inflates the next bytes.
  void read(std::span<std::byte> into);
  /// Checks that no decoded or stored bytes are left.
  void finish();

 private:
  struct stream_end {
    void operator()(z_stream* stream) const noexcept {
      inflateEnd(stream);
      delete stream;
    }
  };
  using stream_owner = std::unique_ptr<z_stream, stream_end>;

  inflater(const inflater& at, stream_owner stream);
  std::size_t step(std::span<std::byte> into);
  void fetch();
  [[nodiscard]] std::int64_t consumed() const noexcept { return fetched_ - stream_->avail_in; }
  [[noreturn]] void refuse(const std::string& why) const;

  const file* from_;
  const deflated_entry* entry_;
  stream_owner stream_;
  std::vector<std::byte> input_;
  std::int64_t fetched_ = 0;  ///< stored bytes read from the file so far
  std::int64_t position_ = 0;
  bool ended_ = false;
};

}  // namespace warmstart::detail
