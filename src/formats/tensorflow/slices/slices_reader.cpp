#include "formats/tensorflow/slices/slices_reader.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "formats/common/tensor_refusals.hpp"
#include "formats/tensorflow/shared/slice_key.hpp"
#include "formats/tensorflow/slices/member_file.hpp"
#include "formats/tensorflow/slices/slices_index.hpp"
#include "formats/tensorflow/slices/tensor_values.hpp"
#include "formats/tensorflow/sstable/table_scan.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

/// Builds the catalog from the members' tables.
class slices_reader {
 public:
  slices_reader(const file_system& files, const std::string& path, slices_index index)
      : files_(files), index_(std::move(index)) {
    made_.format = "tensor_slices";
    made_.path = path;
    for (const slices_member& one : index_.members) member_files_.emplace_back(one, made_);
  }

  catalog read() {
    for (const auto& [name, listed] : index_.tensors) add_tensor(name, listed);
    for (const slices_member& from : index_.members) link_checksums(from);
    for (catalog_tensor& tensor : made_.tensors) refuse_type(tensor, made_.path);
    return std::move(made_);
  }

 private:
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
      refuse(tensor, fmt::format("a V1 checkpoint cannot hold {}", name_of(tensor.type)),
             error_code::unsupported);
    }
  }

  void add_piece(catalog_tensor& tensor, const listed_slice& listed, const slice& where) {
    const std::int64_t elements = where.lengths().element_count();
    if (elements == 0) return;
    slices_member& from = index_.members[listed.member];
    const auto found = from.records.find(encode_slice_key(tensor.name, listed.spelled));
    if (found == from.records.end()) {
      refuse(tensor, fmt::format("{}: slice {} of tensor {} is listed, but has no values{}",
                                 from.path, to_string(listed.spelled), in_quotes(tensor.name),
                                 from.damage.empty() ? "" : "; " + from.damage));
      return;
    }
    data_record& record = found->second;
    const auto stored = member_files_[listed.member].place(tensor, record, elements);
    if (!stored) return;
    record.piece = {.tensor = static_cast<std::uint32_t>(made_.tensors.size() - 1),
                    .piece = static_cast<std::uint32_t>(tensor.pieces.size())};
    tensor.pieces.push_back(
        {.slice = where, .extent = static_cast<std::uint32_t>(made_.extents.size())});
    made_.extents.push_back(*stored);
  }

  // For a block that the scan did not check, records which piece's checksum covers it. If the
  // engine cannot check that piece, checks the block now.
  void link_checksums(const slices_member& from) {
    std::map<std::int64_t, std::string> checked;  // blocks, by offset: message, or empty
    for (const auto& [key, record] : from.records) {
      if (record.checked_with.empty() || !record.piece) continue;
      catalog_tensor& tensor = made_.tensors[record.piece->tensor];
      extent& stored = made_.extents[tensor.pieces[record.piece->piece].extent];
      const auto with = from.records.find(record.checked_with)->second.piece;
      if (with && is_comparable(tensor) && is_comparable(made_.tensors[with->tensor])) {
        if (with != record.piece) stored.checked_with = with;
        continue;
      }
      const auto [known, fresh] = checked.try_emplace(record.block.offset);
      if (fresh) known->second = damage_of(from, record.block);
      if (!known->second.empty()) refuse(tensor, known->second);
    }
  }

  static bool is_comparable(const catalog_tensor& tensor) {
    return tensor.refusal.reason.empty() && size_of(tensor.type) != 0;
  }

  [[nodiscard]] std::string damage_of(const slices_member& from, const block_handle& block) const {
    try {
      check_block(*files_.open(from.path, read_mode::buffered), block);
      return {};
    } catch (const error& bad) {
      if (bad.code() != error_code::corrupt) throw;
      return bad.what();
    }
  }

  const file_system& files_;
  slices_index index_;
  std::vector<member_file> member_files_;  ///< parallel to the index's members
  catalog made_;
};

}  // namespace

catalog read_slices(const file_system& files, const std::string& path,
                    const std::vector<std::string>& members) {
  return slices_reader(files, path, read_slices_index(files, members)).read();
}

}  // namespace warmstart::detail
