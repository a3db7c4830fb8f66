#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formats/common/decoded_layout.hpp"
#include "formats/tensorflow/slices/record_decoder.hpp"
#include "io/decoder.hpp"

namespace warmstart::detail {

/// Presents the decoded elements of a V1 file's records as one file, one record after another.
class slices_decoder final : public decoder {
 public:
  explicit slices_decoder(std::string path) : path_(std::move(path)) {}

  /// The largest record, stored and decoded, that is not packed varints: it is decoded as a whole.
  static constexpr std::int64_t max_whole_bytes = 16 << 20;

  /// Returns the offset of the record's decoded elements. Throws `corrupt`.
  std::int64_t add(encoded_elements record);

  [[nodiscard]] std::unique_ptr<file> open(const file_system& files, read_mode mode) const override;

 private:
  std::string path_;
  std::vector<encoded_elements> records_;
  decoded_layout layout_;  ///< of the records
};

}  // namespace warmstart::detail
