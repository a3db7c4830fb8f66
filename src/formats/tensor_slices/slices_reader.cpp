#include "formats/tensor_slices/slices_reader.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <span>
#include <utility>

#include "core/crc32c.hpp"
#include "formats/table/table_scan.hpp"
#include "formats/tensor_slices/slices_decoder.hpp"
#include "formats/tensor_slices/slices_records.hpp"
#include "formats/tensorflow/slice_key.hpp"
#include "formats/tensorflow/tensor_refusals.hpp"
#include "warmstart/error.hpp"

namespace warmstart {
namespace {

/// A data record of a file.
struct data_record {
  std::int64_t offset_bytes = 0;  ///< in the file, or in the contents of its block
  std::int64_t size_bytes = 0;
  std::uint32_t crc32c = 0;
  std::optional<packed_values> packed;
  std::uint32_t packed_crc32c = 0;
  block_handle block;
  bool compressed = false;
  std::string verified_with;                  ///< see `scanned_entry`
  std::optional<piece_reference> piece = {};  ///< what became of it
};

/// One file of the set, while the catalog is made.
struct member {
  std::string path;
  std::map<std::string, data_record, std::less<>> records;  ///< by slice key
  std::string damage;                                       ///< of the first damaged block
  std::uint32_t stored = 0;                                 ///< its number in `catalog::files`
  std::uint32_t decoded = 0;  ///< that of what its decoder makes of it
  std::shared_ptr<slices_decoder> decoder;
};

/// A slice of a tensor, and the member that lists it.
struct listed_slice {
  slice spelled;
  std::size_t member = 0;
};

/// A tensor as all members that list it together do.
struct listed_tensor {
  shape full_shape;
  std::int64_t type_number = 0;
  std::vector<listed_slice> slices;
  std::string contradiction;  ///< between members
};

// What is left of a record's checksum without the bytes in front of the values.
std::uint32_t checksum_of_values(const scanned_entry& entry, const packed_values& values) {
  const auto front =
      std::as_bytes(std::span(entry.value)).first(static_cast<std::size_t>(values.offset_bytes));
  const std::uint32_t all = crc32c_finish(entry.value_crc32c, entry.value_bytes);
  return crc32c_finish(all ^ crc32c_advance(crc32c_remainder(front), values.size_bytes),
                       values.size_bytes);
}

data_record record_of(const scanned_entry& entry) {
  data_record made{.offset_bytes = entry.offset_bytes,
                   .size_bytes = entry.value_bytes,
                   .crc32c = entry.value_crc32c,
                   .packed = find_packed_values(entry.value, entry.value_bytes),
                   .packed_crc32c = 0,
                   .block = entry.block,
                   .compressed = entry.compressed,
                   .verified_with = std::string(entry.verified_with)};
  if (made.packed) made.packed_crc32c = checksum_of_values(entry, *made.packed);
  return made;
}

/// Builds the catalog out of the members' tables.
class slices_reader {
 public:
  slices_reader(const file_system& files, const std::string& path,
                const std::vector<std::string>& members)
      : files_(files), members_(members.size()) {
    made_.format = "tensor_slices";
    made_.path = path;
    for (std::size_t i = 0; i < members.size(); ++i) members_[i].path = members[i];
  }

  catalog read() {
    for (std::size_t i = 0; i < members_.size(); ++i) scan(i);
    for (const auto& [name, listed] : tensors_) add_tensor(name, listed);
    for (const member& from : members_) link_checksums(from);
    for (catalog_tensor& tensor : made_.tensors) refuse_type(tensor);
    return std::move(made_);
  }

 private:
  void scan(std::size_t index) {
    member& from = members_[index];
    const auto table = files_.open(from.path, read_mode::buffered);
    const file_identity identity = table->identity();
    made_.metadata.push_back({.path = from.path, .identity = identity});
    from.stored = static_cast<std::uint32_t>(made_.files.size());
    from.decoded = from.stored + 1;
    from.decoder = std::make_shared<slices_decoder>(from.path);
    made_.files.push_back({.path = from.path, .identity = identity});
    made_.files.push_back({.path = from.path, .identity = identity, .decoded_by = from.decoder});

    std::optional<std::string> meta;
    const auto visit = [&](const scanned_entry& entry) {
      if (entry.key.empty()) {
        meta = entry.value;
      } else {
        from.records.emplace_hint(from.records.end(), entry.key, record_of(entry));
      }
    };
    scan_table(*table, visit, [&](const error& bad) {
      if (from.damage.empty()) from.damage = bad.what();
    });
    if (!meta) {
      throw error(error_code::corrupt,
                  from.damage.empty()
                      ? from.path + ": there is no record that lists tensor slices (empty key)"
                      : from.damage);
    }
    for (slices_meta& one : parse_slices_meta(*meta, from.path + ", empty key")) {
      merge(std::move(one), index);
    }
  }

  void merge(slices_meta one, std::size_t from) {
    const auto [known, fresh] = tensors_.try_emplace(std::move(one.name));
    listed_tensor& listed = known->second;
    if (fresh) {
      listed.full_shape = one.full_shape;
      listed.type_number = one.type_number;
    } else if (listed.full_shape != one.full_shape || listed.type_number != one.type_number) {
      listed.contradiction = fmt::format(
          "{}: tensor {}: expected dtype {} and shape {}, as other files have it, found {} and {}",
          members_[from].path, quoted(known->first), listed.type_number,
          to_string(listed.full_shape), one.type_number, to_string(one.full_shape));
      return;
    }
    for (slice& spelled : one.slices) {
      listed.slices.push_back({.spelled = std::move(spelled), .member = from});
    }
  }

  void add_tensor(const std::string& name, const listed_tensor& listed) {
    made_.tensors.emplace_back();
    catalog_tensor& tensor = made_.tensors.back();
    tensor.name = name;
    tensor.type = dtype_from_number(listed.type_number).value_or(dtype::invalid);
    tensor.type_number = listed.type_number;
    tensor.full_shape = listed.full_shape;
    if (!listed.contradiction.empty()) refuse(tensor, listed.contradiction);
    if (tensor.type == dtype::string || value_field_of(tensor.type)) {
      std::vector<slice> boxes;
      for (const listed_slice& one : listed.slices) {
        boxes.push_back(one.spelled.within(tensor.full_shape));
        add_piece(tensor, one, boxes.back());
      }
      refuse_overlaps(tensor, boxes, made_.path);
    } else if (size_of(tensor.type) != 0) {
      refuse(tensor, fmt::format("a V1 checkpoint can not hold {}", name_of(tensor.type)),
             error_code::unsupported);
    }
  }

  void add_piece(catalog_tensor& tensor, const listed_slice& listed, const slice& where) {
    const std::int64_t elements = where.lengths().element_count();
    if (elements == 0) return;
    member& from = members_[listed.member];
    const auto found = from.records.find(encode_slice_key(tensor.name, listed.spelled));
    if (found == from.records.end()) {
      refuse(tensor, fmt::format("{}: slice {} of tensor {} is listed, but has no values{}",
                                 from.path, to_string(listed.spelled), quoted(tensor.name),
                                 from.damage.empty() ? "" : "; " + from.damage));
      return;
    }
    data_record& record = found->second;
    const auto stored = place(tensor, from, record, elements);
    if (!stored) return;
    record.piece = {.tensor = static_cast<std::uint32_t>(made_.tensors.size() - 1),
                    .piece = static_cast<std::uint32_t>(tensor.pieces.size())};
    tensor.pieces.push_back(
        {.where = where, .extent = static_cast<std::uint32_t>(made_.extents.size())});
    made_.extents.push_back(*stored);
  }

  /// The extent that the elements of a record are, or nothing if the tensor is refused for them.
  std::optional<extent> place(catalog_tensor& tensor, member& from, const data_record& record,
                              std::int64_t elements) {
    if (tensor.type == dtype::string) return place_strings(tensor, from, record);
    const value_field field = *value_field_of(tensor.type);
    const bool packed = record.packed && record.packed->field == field.number && !record.compressed;
    if (!packed) return place_whole(tensor, from, record, elements);
    const std::int64_t size = record.packed->size_bytes;
    const std::int64_t offset = record.offset_bytes + record.packed->offset_bytes;
    // A varint takes 1 to 10 bytes.
    const std::int64_t unit = field.element_bytes == 0 ? 1 : field.element_bytes;
    const std::int64_t longest = field.element_bytes == 0 ? 10 : field.element_bytes;
    if (size / unit < elements || size / longest > elements || size % unit != 0) {
      refuse(tensor, fmt::format("{}, offset {}: expected {} elements of tensor {}, found {} bytes",
                                 from.path, offset, elements, quoted(tensor.name), size));
      return std::nullopt;
    }
    if (field.element_bytes != 0) {
      return extent{.file = from.stored,
                    .offset_bytes = offset,
                    .size_bytes = size,
                    .checksum = {.kind = checksum_kind::crc32c, .value = record.packed_crc32c}};
    }
    return decoded(from, {.type = tensor.type,
                          .elements = elements,
                          .tensor = tensor.name,
                          .offset_bytes = offset,
                          .size_bytes = size,
                          .crc32c = record.packed_crc32c,
                          .varints = true,
                          .compressed = false,
                          .block = record.block});
  }

  std::optional<extent> place_whole(catalog_tensor& tensor, member& from, const data_record& record,
                                    std::int64_t elements) {
    constexpr std::int64_t MOST = slices_decoder::max_whole_bytes;
    const auto unit = static_cast<std::int64_t>(size_of(tensor.type));
    if (record.size_bytes > MOST || elements > MOST / unit || record.block.size > MOST) {
      refuse(
          tensor,
          fmt::format("{}, offset {}: {} bytes of tensor {} are compressed, or not packed; no "
                      "more than {} can be read of those",
                      from.path, record.block.offset, record.size_bytes, quoted(tensor.name), MOST),
          error_code::unsupported);
      return std::nullopt;
    }
    return decoded(from, whole(record, tensor, elements));
  }

  std::optional<extent> place_strings(const catalog_tensor& tensor, member& from,
                                      const data_record& record) {
    if (record.compressed) return decoded(from, whole(record, tensor, record.size_bytes));
    return extent{.file = from.stored,
                  .offset_bytes = record.offset_bytes,
                  .size_bytes = record.size_bytes,
                  .checksum = {.kind = checksum_kind::crc32c, .value = record.crc32c}};
  }

  static encoded_elements whole(const data_record& record, const catalog_tensor& tensor,
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

  static extent decoded(member& from, encoded_elements record) {
    const std::int64_t size = record.decoded_bytes();
    return {.file = from.decoded,
            .offset_bytes = from.decoder->add(std::move(record)),
            .size_bytes = size,
            .checksum = {.kind = checksum_kind::by_decoder, .value = 0}};
  }

  // Says which checksums stand for a block that has not been verified. Where none that the engine
  // can compare does, the block is verified now.
  void link_checksums(const member& from) {
    std::map<std::int64_t, std::string> verified;  // blocks, by offset: what is wrong with them
    for (const auto& [key, record] : from.records) {
      if (record.verified_with.empty() || !record.piece) continue;
      catalog_tensor& tensor = made_.tensors[record.piece->tensor];
      extent& stored = made_.extents[tensor.pieces[record.piece->piece].extent];
      const auto with = from.records.find(record.verified_with)->second.piece;
      if (with && is_comparable(tensor) && is_comparable(made_.tensors[with->tensor])) {
        if (with != record.piece) stored.verified_with = with;
        continue;
      }
      const auto [known, fresh] = verified.try_emplace(record.block.offset);
      if (fresh) known->second = damage_of(from, record.block);
      if (!known->second.empty()) refuse(tensor, known->second);
    }
  }

  static bool is_comparable(const catalog_tensor& tensor) {
    return tensor.refusal.reason.empty() && size_of(tensor.type) != 0;
  }

  [[nodiscard]] std::string damage_of(const member& from, const block_handle& block) const {
    try {
      verify_block(*files_.open(from.path, read_mode::buffered), block);
      return {};
    } catch (const error& bad) {
      if (bad.code() != error_code::corrupt) throw;
      return bad.what();
    }
  }

  const file_system& files_;
  std::vector<member> members_;
  std::map<std::string, listed_tensor> tensors_;
  catalog made_;
};

}  // namespace

catalog read_slices(const file_system& files, const std::string& path,
                    const std::vector<std::string>& members) {
  return slices_reader(files, path, members).read();
}

}  // namespace warmstart
