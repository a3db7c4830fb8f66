#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_problem.hpp"
#include "base/units.hpp"
#include "checksum/crc32.hpp"
#include "formats/common/file_checksums.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/numpy/npy_array.hpp"
#include "formats/numpy/npy_reader.hpp"
#include "formats/zip/zip_decoder.hpp"
#include "formats/zip/zip_directory.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::string_view ENDING = ".npy";

file_range all_of(const file& from) {
  return {.begin = 0, .end = from.identity().size_bytes};
}

class npz_reader {
 public:
  npz_reader(const file_system& files, const std::string& path)
      : path_(path),
        stored_(files.open(path, read_mode::buffered)),
        decoder_(std::make_shared<zip_decoder>(path)) {
    made_.format = "npz";
    made_.path = path;
    made_.files.push_back({.path = path, .identity = stored_->identity()});
    made_.metadata = made_.files;
    for (const zip_entry& one : read_zip_directory(*stored_, all_of(*stored_))) {
      if (one.name.ends_with(ENDING)) {
        or_refuse(one, [&] { place(one); });
      }
    }
    made_.files.push_back(
        {.path = path, .identity = made_.files[0].identity, .decoded_by = decoder_});
    inflated_ = decoder_->open(files, read_mode::buffered);
  }

  catalog read() {
    for (const member& one : members_) {
      or_refuse(one.entry, [&] { add(one); });
    }
    std::sort(made_.tensors.begin(), made_.tensors.end(),
              [](const catalog_tensor& a, const catalog_tensor& b) { return a.name < b.name; });
    return std::move(made_);
  }

 private:
  /// Indexes of the catalog's files: the stored bytes, and the inflated ones.
  static constexpr std::uint32_t STORED = 0;
  static constexpr std::uint32_t INFLATED = 1;

  struct member {
    zip_entry entry;
    std::uint32_t file = STORED;
    file_range range;
  };

  static std::string name_of(const zip_entry& entry) {
    return entry.name.substr(0, entry.name.size() - ENDING.size());
  }

  // A damaged entry makes only its own tensor unusable.
  template <class Work>
  void or_refuse(const zip_entry& entry, Work work) {
    try {
      work();
    } catch (const error& bad) {
      if (bad.code() != error_code::corrupt && bad.code() != error_code::unsupported) throw;
      catalog_tensor tensor{.name = name_of(entry), .full_shape = {}};
      refuse(tensor, bad.what(), bad.code());
      made_.tensors.push_back(std::move(tensor));
    }
  }

  void place(const zip_entry& entry) {
    if (entry.method != zip_entry::stored && entry.method != zip_entry::deflated) {
      throw error(file_problem(
          error_code::unsupported, {path_, entry.header_offset},
          fmt::format("entry {} is compressed by method {}, neither stored nor deflated",
                      in_quotes(entry.name), entry.method)));
    }
    const bool inflate = entry.method == zip_entry::deflated;
    std::int64_t begin = find_zip_data(*stored_, all_of(*stored_), entry);
    if (inflate) begin = decoder_->add(entry, begin);
    members_.push_back({.entry = entry,
                        .file = inflate ? INFLATED : STORED,
                        .range = {.begin = begin, .end = begin + entry.decoded_bytes}});
  }

  void add(const member& one) {
    const file& from = one.file == STORED ? *stored_ : *inflated_;
    npy_array array;
    try {
      array = read_npy_array(from, one.range);
    } catch (const error&) {
      // If the entry is damaged, report that: what its header says is then meaningless.
      if (may_check_ >= one.entry.decoded_bytes) compare_checksum(from, one);
      throw;
    }
    const std::int64_t behind = one.range.end - array.data.begin;
    if (behind == 0) compare_checksum(from, one);
    // The archive's CRC covers the whole entry; `crc32_of_rest` removes the header from it.
    add_npy_tensor(made_, name_of(one.entry), array, one.file, one.range.end,
                   {.kind = checksum_kind::crc32,
                    .value = crc32_of_rest(crc32_of(from, {one.range.begin, array.data.begin}),
                                           one.entry.crc32, behind)});
  }

  void compare_checksum(const file& from, const member& one) {
    may_check_ -= one.entry.decoded_bytes;
    const std::uint32_t found = crc32_of(from, one.range);
    if (found == one.entry.crc32) return;
    throw error(file_difference(error_code::corrupt, {path_, one.entry.header_offset},
                                "entry " + in_quotes(one.entry.name),
                                {.expected = fmt::format("crc32 {:#010x}", one.entry.crc32),
                                 .found = fmt::format("{:#010x}", found)}));
  }

  const std::string& path_;
  std::unique_ptr<file> stored_;
  std::shared_ptr<zip_decoder> decoder_;
  std::unique_ptr<file> inflated_;
  std::vector<member> members_;
  std::int64_t may_check_ = 64 * mebibyte;  ///< a limit: entries can inflate to any size
  catalog made_;
};

}  // namespace

bool is_npz(const file& from) {
  if (!is_zip(from)) return false;
  const auto entries = read_zip_directory(from, all_of(from));
  return std::any_of(entries.begin(), entries.end(),
                     [](const zip_entry& one) { return one.name.ends_with(ENDING); });
}

catalog read_npz(const file_system& files, const std::string& path) {
  return npz_reader(files, path).read();
}

}  // namespace warmstart::detail
