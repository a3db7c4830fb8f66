#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formats/table/table_blocks.hpp"
#include "io/decoder.hpp"
#include "warmstart/dtype.hpp"

namespace warmstart {

/// The elements of one data record that are not stored as they are in memory.
struct encoded_elements {
  dtype type = dtype::invalid;    ///< string: the record itself is asked for
  std::int64_t elements = 0;      ///< of strings: bytes
  std::string tensor;             ///< for messages
  std::int64_t offset_bytes = 0;  ///< of what is encoded, in the file or in its block's contents
  std::int64_t size_bytes = 0;
  std::uint32_t crc32c = 0;  ///< of it
  bool varints = false;      ///< one after another; else a data record in some other spelling
  bool compressed = false;   ///< within a block that is
  block_handle block;

  [[nodiscard]] std::int64_t decoded_bytes() const {
    return type == dtype::string ? elements : elements * static_cast<std::int64_t>(size_of(type));
  }
};

/// Decodes one file of a V1 checkpoint. Varints are read in windows of 32 KiB of the file; where
/// there are several, they are found by a first pass over all of them, which compares their
/// checksum. Other spellings, which no writer uses, are decoded as a whole every time.
class slices_decoder final : public decoder {
 public:
  explicit slices_decoder(std::string path) : path_(std::move(path)) {}

  /// What is spelled otherwise may be no longer than this, as stored and decoded.
  static constexpr std::int64_t max_whole_bytes = 16 << 20;

  /// Returns the offset at which its decoded elements will be. No read reaches from those of one
  /// record into another's.
  std::int64_t add(encoded_elements record);

  [[nodiscard]] std::unique_ptr<file> open(const file_system& files, read_mode mode) const override;

 private:
  std::string path_;
  std::vector<encoded_elements> records_;
  std::vector<std::int64_t> offsets_;  ///< where each begins
  std::int64_t end_ = 0;
};

}  // namespace warmstart
