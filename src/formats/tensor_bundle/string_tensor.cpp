#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "core/crc32c.hpp"
#include "formats/table/byte_reader.hpp"
#include "formats/table/masked_crc.hpp"
#include "formats/tensor_bundle/bundle_reader.hpp"

namespace warmstart {
namespace {

/// A string tensor's payload: varint lengths, the checksum of the lengths, all bytes.
class string_decoder {
 public:
  string_decoder(const catalog& source, const catalog_tensor& tensor, std::string payload)
      : source_(source),
        tensor_(tensor),
        stored_(source.extents[tensor.pieces[0].extent]),
        payload_(std::move(payload)),
        rest_(payload_) {}

  std::vector<std::string> decode() {
    const std::vector<std::uint64_t> lengths = take_lengths();
    check_lengths();
    std::vector<std::string> strings;
    strings.reserve(lengths.size());
    for (const std::uint64_t length : lengths) {
      const auto bytes = rest_.bytes(length);
      if (!bytes) refuse("string lengths are longer than the payload");
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
    // Each length takes a byte at least, so this bounds what is reserved.
    const auto count = static_cast<std::uint64_t>(tensor_.full_shape.element_count());
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

  // The checksum covers lengths as 4 (or 8) bytes in the writer's order, not as they are stored.
  void extend_by_length(std::uint64_t length) {
    char bytes[8];
    if (length <= UINT32_MAX) {
      auto narrow = static_cast<std::uint32_t>(length);
      if (source_.swapped) narrow = __builtin_bswap32(narrow);
      std::memcpy(bytes, &narrow, sizeof(narrow));
      extend(bytes, sizeof(narrow));
    } else {
      if (source_.swapped) length = __builtin_bswap64(length);
      std::memcpy(bytes, &length, sizeof(length));
      extend(bytes, sizeof(length));
    }
  }

  void check_lengths() {
    const auto bytes = rest_.bytes(4);
    if (!bytes) refuse("the payload ends before the checksum of the lengths");
    std::uint32_t masked = load_u32(bytes->data());
    if (source_.swapped) masked = __builtin_bswap32(masked);
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
    throw error({.code = error_code::corrupt,
                 .message = fmt::format("{}, offset {}, {} bytes, string tensor {}: {}",
                                        source_.files[stored_.file].path, stored_.offset_bytes,
                                        stored_.size_bytes, tensor_.name, why),
                 .variable = {},
                 .tensor = tensor_.name});
  }

  const catalog& source_;
  const catalog_tensor& tensor_;
  const extent& stored_;
  std::string payload_;
  byte_reader rest_;
  std::uint32_t crc_ = 0;
};

}  // namespace

std::string read_encoded_payload(const file_system& files, const catalog& source,
                                 const catalog_tensor& tensor) {
  const auto refuse = [&](error_code code, const std::string& why) {
    throw error({.code = code,
                 .message = "tensor " + tensor.name + ": " + why,
                 .variable = {},
                 .tensor = tensor.name});
  };
  // It is always refused as a variable; any other reason concerns its bytes.
  if (tensor.refusal.code != error_code::mismatch) {
    refuse(tensor.refusal.code, tensor.refusal.reason);
  }
  if (source.swapped && tensor.type != dtype::string) {
    refuse(error_code::unsupported, "a variant tensor in the other byte order can not be read");
  }
  if (tensor.pieces.size() != 1 || !tensor.pieces[0].where.covers(tensor.full_shape)) {
    refuse(error_code::unsupported, "a tensor of encoded elements in slices can not be read");
  }
  const extent& stored = source.extents[tensor.pieces[0].extent];
  const auto from = files.open(source.files[stored.file].path, read_mode::buffered);
  std::string payload(static_cast<std::size_t>(stored.size_bytes), '\0');
  from->read(stored.offset_bytes, std::as_writable_bytes(std::span(payload)));
  return payload;
}

std::vector<std::string> read_bundle_strings(const file_system& files, const catalog& source,
                                             const catalog_tensor& tensor) {
  if (tensor.type != dtype::string) {
    throw error({.code = error_code::mismatch,
                 .message = "tensor " + tensor.name + ": expected a string tensor, found " +
                            std::string(name_of(tensor.type)),
                 .variable = {},
                 .tensor = tensor.name});
  }
  return string_decoder(source, tensor, read_encoded_payload(files, source, tensor)).decode();
}

}  // namespace warmstart
