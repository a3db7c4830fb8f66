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

/// Inflates entries of a zip archive, one after another. Their CRC-32 are compared by those who
/// read all of one.
class zip_decoder final : public decoder {
 public:
  explicit zip_decoder(std::string path) : path_(std::move(path)) {}

  /// `data_begin`: where the entry's bytes begin in the file. Returns the offset at which the
  /// decoded ones will be. Throws `corrupt` where so few bytes cannot make so many.
  std::int64_t add(const zip_entry& entry, std::int64_t data_begin);

  [[nodiscard]] std::unique_ptr<file> open(const file_system& files, read_mode mode) const override;

 private:
  std::string path_;
  std::vector<deflated_entry> entries_;
  decoded_layout layout_;  ///< of the entries
};

}  // namespace warmstart::detail
