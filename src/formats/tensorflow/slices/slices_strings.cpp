#include <fmt/format.h>

#include <span>

#include "checksum/crc32c.hpp"
#include "formats/tensorflow/shared/encoded_tensor.hpp"
#include "formats/tensorflow/slices/slices_reader.hpp"
#include "formats/tensorflow/slices/tensor_values.hpp"

namespace warmstart::detail {
namespace {

std::vector<std::string> decode_piece(const file_system& files, const catalog& source,
                                      const catalog_tensor& tensor, const stored_piece& piece) {
  const extent& stored = source.extents[piece.extent];
  const std::string record = read_encoded_payload(files, source, piece);
  const std::uint32_t found = crc32c(std::as_bytes(std::span(record)));
  if (stored.checksum.kind == checksum_kind::crc32c && stored.checksum.value != found) {
    refuse_encoded(source, tensor, stored,
                   fmt::format("checksum does not match: expected {:#010x}, found {:#010x}",
                               stored.checksum.value, found));
  }
  std::vector<std::string> strings = decode_string_record(
      record, {.path = source.files[stored.file].path, .part = "tensor " + tensor.name});
  const auto expected = static_cast<std::size_t>(piece.slice.lengths().element_count());
  if (strings.size() != expected) {
    refuse_encoded(source, tensor, stored,
                   fmt::format("expected {} strings, found {}", expected, strings.size()));
  }
  return strings;
}

}  // namespace

string_pieces decode_slices_strings(const file_system& files, const catalog& source,
                                    const catalog_tensor& tensor) {
  return decode_strings(tensor, [&](const stored_piece& piece) {
    return decode_piece(files, source, tensor, piece);
  });
}

}  // namespace warmstart::detail
