#include "formats/tensorflow/slices/member_file.hpp"

#include <fmt/format.h>

#include <utility>

#include "formats/common/tensor_refusals.hpp"
#include "formats/tensorflow/slices/tensor_values.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

encoded_elements whole(const data_record& record, const catalog_tensor& tensor,
                       std::int64_t elements) {
  return {.type = tensor.type,
          .elements = elements,
          .tensor = tensor.name,
          .offset_bytes = record.offset_bytes,
          .size_bytes = record.size_bytes,
          .crc32c = record.crc32c,
          .varints = false,
          .compressed = record.compressed,
          .block = record.block};
}

}  // namespace

member_file::member_file(const slices_member& from, catalog& into)
    : path_(from.path),
      stored_(static_cast<std::uint32_t>(into.files.size())),
      decoded_(stored_ + 1),
      decoder_(std::make_shared<slices_decoder>(from.path)) {
  into.metadata.push_back({.path = from.path, .identity = from.identity});
  into.files.push_back(into.metadata.back());
  into.files.push_back({.path = from.path, .identity = from.identity, .decoded_by = decoder_});
}

std::optional<extent> member_file::place(catalog_tensor& tensor, const data_record& record,
                                         std::int64_t elements) {
  if (tensor.type == dtype::string) return place_strings(tensor, record);
  const value_field field = *value_field_of(tensor.type);
  const bool packed = record.packed && record.packed->field == field.number && !record.compressed;
  if (!packed) return place_whole(tensor, record, elements);
  const std::int64_t size = record.packed->size_bytes;
  const std::int64_t offset = record.offset_bytes + record.packed->offset_bytes;
  // A varint takes 1 to 10 bytes.
  const std::int64_t unit = field.element_bytes == 0 ? 1 : field.element_bytes;
  const std::int64_t longest = field.element_bytes == 0 ? 10 : field.element_bytes;
  if (size / unit < elements || size / longest > elements || size % unit != 0) {
    refuse(tensor, fmt::format("{}, offset {}: expected {} elements of tensor {}, found {} bytes",
                               path_, offset, elements, in_quotes(tensor.name), size));
    return std::nullopt;
  }
  if (field.element_bytes != 0) {
    return extent{.file = stored_,
                  .offset_bytes = offset,
                  .size_bytes = size,
                  .checksum = {.kind = checksum_kind::crc32c, .value = record.packed_crc32c}};
  }
  return decoded({.type = tensor.type,
                  .elements = elements,
                  .tensor = tensor.name,
                  .offset_bytes = offset,
                  .size_bytes = size,
                  .crc32c = record.packed_crc32c,
                  .varints = true,
                  .compressed = false,
                  .block = record.block});
}

std::optional<extent> member_file::place_whole(catalog_tensor& tensor, const data_record& record,
                                               std::int64_t elements) {
  constexpr std::int64_t MOST = slices_decoder::max_whole_bytes;
  const auto unit = static_cast<std::int64_t>(size_of(tensor.type));
  if (record.size_bytes > MOST || elements > MOST / unit || record.block.size > MOST) {
    refuse(tensor,
           fmt::format("{}, offset {}: {} bytes of tensor {} are compressed, or not packed; at "
                       "most {} such bytes can be read",
                       path_, record.block.offset, record.size_bytes, in_quotes(tensor.name), MOST),
           error_code::unsupported);
    return std::nullopt;
  }
  return decoded(whole(record, tensor, elements));
}

extent member_file::place_strings(const catalog_tensor& tensor, const data_record& record) {
  if (record.compressed) return decoded(whole(record, tensor, record.size_bytes));
  return {.file = stored_,
          .offset_bytes = record.offset_bytes,
          .size_bytes = record.size_bytes,
          .checksum = {.kind = checksum_kind::crc32c, .value = record.crc32c}};
}

extent member_file::decoded(encoded_elements record) {
  const std::int64_t size = record.decoded_bytes();
  return {.file = decoded_,
          .offset_bytes = decoder_->add(std::move(record)),
          .size_bytes = size,
          .checksum = {.kind = checksum_kind::by_decoder, .value = 0}};
}

}  // namespace warmstart::detail
