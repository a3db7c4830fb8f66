#include <fmt/format.h>

#include <cstring>
#include <string>

#include "checksum/crc32c.hpp"
#include "formats/tensorflow/bundle/bundle_reader.hpp"
#include "formats/tensorflow/shared/encoded_tensor.hpp"
#include "formats/tensorflow/sstable/byte_reader.hpp"
#include "formats/tensorflow/sstable/masked_crc.hpp"

namespace warmstart::detail {
namespace {

/// Checks the payload of a variant tensor or of a slice. Each element has a varint length, bytes,
/// and the checksum of everything so far, in which a length counts as 8 bytes.
class variant_checker {
 public:
  variant_checker(const catalog& source, const catalog_tensor& tensor, const stored_piece& piece,
                  std::string payload)
      : source_(source),
        tensor_(tensor),
        elements_(piece.slice.lengths().element_count()),
        stored_(source.extents[piece.extent]),
        payload_(std::move(payload)),
        rest_(payload_) {}

  void check() {
    for (std::int64_t i = 0; i < elements_; ++i) check_element(i);
    if (!rest_.at_end()) refuse("bytes are left over after the last element");
    if (crc_ != stored_.checksum.value) {
      refuse(fmt::format("checksum does not match: expected {:#010x}, found {:#010x}",
                         stored_.checksum.value, crc_));
    }
  }

 private:
  void check_element(std::int64_t number) {
    const auto length = rest_.varint();
    const auto bytes = length ? rest_.bytes(*length) : std::nullopt;
    const auto checksum = bytes ? rest_.bytes(4) : std::nullopt;
    if (!checksum) refuse(fmt::format("the payload ends before element {} does", number));
    char size[8];
    std::memcpy(size, &*length, sizeof(size));
    extend({size, sizeof(size)});
    extend(*bytes);
    if (const std::uint32_t expected = unmask_crc(load_u32(checksum->data())); expected != crc_) {
      refuse(fmt::format("checksum of element {} does not match: expected {:#010x}, found {:#010x}",
                         number, expected, crc_));
    }
    extend(*checksum);
  }

  void extend(std::string_view bytes) { crc_ = crc32c(std::as_bytes(std::span(bytes)), crc_); }

  [[noreturn]] void refuse(const std::string& why) const {
    refuse_encoded(source_, tensor_, stored_, why);
  }

  const catalog& source_;
  const catalog_tensor& tensor_;
  std::int64_t elements_;
  const extent& stored_;
  std::string payload_;
  byte_reader rest_;
  std::uint32_t crc_ = 0;
};

}  // namespace

void check_bundle_variants(const file_system& files, const catalog& source,
                           const catalog_tensor& tensor) {
  require_encoded(tensor);
  for (const stored_piece& piece : tensor.pieces) {
    variant_checker(source, tensor, piece, read_encoded_payload(files, source, piece)).check();
  }
}

}  // namespace warmstart::detail
