#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formats/common/decoded_layout.hpp"
#include "formats/zip/inflater.hpp"
#include "formats/zip/zip_directory.hpp"
#include "io/decoder.hpp"

namespace warmstart::detail {

/// Presents the inflated entries of a zip archive as one file, one entry after another. Does not
/// check CRC-32 values: readers of whole entries do.
class zip_decoder final : public decoder {
 public:
  explicit zip_decoder(std::string path) : path_(std::move(path)) {}

  /// `data_begin`: the offset of the entry's stored bytes. Returns the offset of the decoded bytes.
  /// Throws `corrupt` if the stored bytes are too few for the entry's decoded size.
  std::int64_t add(const zip_entry& entry, std::int64_t data_begin);

  [[nodiscard]] std::unique_ptr<file> open(const file_system& files, read_mode mode) const override;

 private:
  std::string path_;
  std::vector<deflated_entry> entries_;
  decoded_layout layout_;  ///< of the entries
};

}  // namespace warmstart::detail
