#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "checksum/crc32c.hpp"
#include "formats/tensorflow/bundle/bundle_reader.hpp"
#include "formats/tensorflow/shared/encoded_tensor.hpp"
#include "formats/tensorflow/sstable/byte_reader.hpp"
#include "formats/tensorflow/sstable/masked_crc.hpp"

namespace warmstart::detail {
namespace {

/// Decodes the payload of a string tensor or of a slice: varint lengths, the checksum of the
/// lengths, the bytes of all strings.
class string_decoder {
 public:
  string_decoder(const catalog& source, const catalog_tensor& tensor, const stored_piece& piece,
                 std::string payload)
      : source_(source),
        tensor_(tensor),
        piece_(piece),
        stored_(source.extents[piece.extent]),
        payload_(std::move(payload)),
        rest_(payload_) {}

  std::vector<std::string> decode() {
    const std::vector<std::uint64_t> lengths = take_lengths();
    check_lengths();
    std::vector<std::string> strings;
    strings.reserve(lengths.size());
    for (const std::uint64_t length : lengths) {
      const auto bytes = rest_.bytes(length);
      if (!bytes) refuse("the strings are longer than the payload");
      extend(bytes->data(), bytes->size());
      strings.emplace_back(*bytes);
    }
    if (crc_ != stored_.checksum.value) {
      refuse(fmt::format("checksum does not match: expected {:#010x}, found {:#010x}",
                         stored_.checksum.value, crc_));
    }
    return strings;
  }

 private:
  std::vector<std::uint64_t> take_lengths() {
    // Each length takes at least a byte, so the check limits the memory that is reserved.
    const auto count = static_cast<std::uint64_t>(piece_.slice.lengths().element_count());
    if (count > payload_.size()) {
      refuse(fmt::format("expected at least {} bytes for as many strings, found {}", count,
                         payload_.size()));
    }
    std::vector<std::uint64_t> lengths;
    lengths.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto length = rest_.varint();
      if (!length) refuse("a string length is cut off or overlong");
      lengths.push_back(*length);
      extend_by_length(*length);
    }
    return lengths;
  }

  // The checksum covers a length as 4 or 8 bytes in the writer's byte order, not as a varint.
  void extend_by_length(std::uint64_t length) {
    char bytes[8];
    if (length <= UINT32_MAX) {
      auto narrow = static_cast<std::uint32_t>(length);
      if (tensor_.swapped) narrow = __builtin_bswap32(narrow);
      std::memcpy(bytes, &narrow, sizeof(narrow));
      extend(bytes, sizeof(narrow));
    } else {
      if (tensor_.swapped) length = __builtin_bswap64(length);
      std::memcpy(bytes, &length, sizeof(length));
      extend(bytes, sizeof(length));
    }
  }

  void check_lengths() {
    const auto bytes = rest_.bytes(4);
    if (!bytes) refuse("the payload ends before the checksum of the lengths");
    std::uint32_t masked = load_u32(bytes->data());
    if (tensor_.swapped) masked = __builtin_bswap32(masked);
    if (unmask_crc(masked) != crc_) {
      refuse(fmt::format("the length checksum does not match: expected {:#010x}, found {:#010x}",
                         unmask_crc(masked), crc_));
    }
    extend(bytes->data(), bytes->size());
  }

  void extend(const char* data, std::size_t size) {
    crc_ = crc32c(std::as_bytes(std::span(data, size)), crc_);
  }

  [[noreturn]] void refuse(const std::string& why) const {
    refuse_encoded(source_, tensor_, stored_, why);
  }

  const catalog& source_;
  const catalog_tensor& tensor_;
  const stored_piece& piece_;
  const extent& stored_;
  std::string payload_;
  byte_reader rest_;
  std::uint32_t crc_ = 0;
};

}  // namespace

string_pieces decode_bundle_strings(const file_system& files, const catalog& source,
                                    const catalog_tensor& tensor) {
  return decode_strings(tensor, [&](const stored_piece& piece) {
    return string_decoder(source, tensor, piece, read_encoded_payload(files, source, piece))
        .decode();
  });
}

}  // namespace warmstart::detail
