#include "formats/torch/torch_archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <string_view>
#include <utility>

#include "base/file_problem.hpp"
#include "formats/common/file_checksums.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/pickle/pickle_reader.hpp"
#include "formats/torch/torch_types.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::string_view VALUES = "data.pkl";
constexpr std::int64_t MAX_TEXT_BYTES = 64;

// torch can write archives without checksums; the fields are then 0.
bool has_checksum(const zip_entry& entry) {
  return entry.crc32 != 0 && entry.size_bytes != 0;
}

}  // namespace

torch_archive::torch_archive(const file& from, const file_range& where)
    : from_(from), where_(where) {
  list_entries();
  refuse_others();
  check_version();
  read_byte_order();
  read_values();
}

void torch_archive::refuse(const std::string& why, error_code code) const {
  throw error(file_problem(code, {from_.path(), where_.begin}, "archive of torch.save: " + why));
}

void torch_archive::list_entries() {
  const std::vector<zip_entry> entries = read_zip_directory(from_, where_);
  if (entries.empty()) refuse("it is empty");
  folder_ = entries.front().name.substr(0, entries.front().name.find('/') + 1);
  if (folder_.empty()) refuse("entry " + in_quotes(entries.front().name) + " is in no folder");
  for (const zip_entry& one : entries) {
    if (!one.name.starts_with(folder_)) {
      refuse(fmt::format("expected all entries in folder {}, found {}", in_quotes(folder_),
                         in_quotes(one.name)));
    }
    entries_.emplace(one.name.substr(folder_.size()), one);
  }
}

void torch_archive::refuse_others() const {
  if (find_entry("constants.pkl") != nullptr) {
    refuse("a TorchScript module cannot be loaded; save its state_dict", error_code::unsupported);
  }
  const auto models = entries_.lower_bound("models/");
  if (find_entry("archive_format") != nullptr ||
      (models != entries_.end() && models->first.starts_with("models/"))) {
    refuse("a program of torch.export cannot be loaded; save its state_dict",
           error_code::unsupported);
  }
}

const zip_entry* torch_archive::find_entry(const std::string& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

file_range torch_archive::stored(const zip_entry& entry) const {
  if (entry.method != zip_entry::stored) {
    refuse(fmt::format("entry {} is compressed; load the file with torch and save it again",
                       in_quotes(entry.name)),
           error_code::unsupported);
  }
  const std::int64_t begin = find_zip_data(from_, where_, entry);
  return {.begin = begin, .end = begin + entry.size_bytes};
}

std::string torch_archive::read_text(const std::string& name) const {
  const zip_entry* const entry = find_entry(name);
  if (entry == nullptr) return {};
  const file_range where = stored(*entry);
  if (entry->size_bytes > MAX_TEXT_BYTES) {
    refuse(fmt::format("entry {}: expected at most {} bytes, found {}", in_quotes(entry->name),
                       MAX_TEXT_BYTES, entry->size_bytes));
  }
  std::string text(static_cast<std::size_t>(entry->size_bytes), '\0');
  from_.read(where.begin, std::as_writable_bytes(std::span(text)));
  return text;
}

void torch_archive::check_version() const {
  constexpr int LATEST = 10;
  std::string text = read_text("version");
  if (text.ends_with('\n')) text.pop_back();
  int version = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (code != std::errc() || end != text.data() + text.size()) {
    refuse("expected a version, found " + in_quotes(text));
  }
  if (version < 1 || version > LATEST) {
    refuse(fmt::format("version {} is not known", version), error_code::unsupported);
  }
}

void torch_archive::read_byte_order() {
  const std::string text = read_text("byteorder");
  if (!text.empty() && text != "little" && text != "big") {
    refuse("expected byte order little or big, found " + in_quotes(text));
  }
  big_endian_ = text == "big";
}

void torch_archive::read_values() {
  const zip_entry* const entry = find_entry(std::string(VALUES));
  if (entry == nullptr) refuse(fmt::format("{}{} is missing", folder_, VALUES));
  const file_range where = stored(*entry);
  if (has_checksum(*entry) && crc32_of(from_, where) != entry->crc32) {
    refuse("the checksum of entry " + in_quotes(entry->name) + " does not match");
  }
  values_ = read_pickle(from_, where, find_torch_symbol);
}

extent torch_archive::find(const torch_storage& storage, std::uint32_t file) const {
  const bool is_key =
      !storage.key.empty() && storage.key.find_first_not_of("0123456789") == std::string::npos;
  const zip_entry* const entry = is_key ? find_entry("data/" + storage.key) : nullptr;
  if (entry == nullptr) refuse("there is no storage " + in_quotes(storage.key));
  const file_range where = stored(*entry);
  if (entry->size_bytes != storage.size_bytes) {
    refuse(fmt::format("entry {}: expected {} bytes, found {}", in_quotes(entry->name),
                       storage.size_bytes, entry->size_bytes));
  }
  return {.file = file,
          .offset_bytes = where.begin,
          .size_bytes = entry->size_bytes,
          .checksum = has_checksum(*entry)
                          ? stored_checksum{.kind = checksum_kind::crc32, .value = entry->crc32}
                          : stored_checksum{}};
}

bool is_torch_archive(const file& from) {
  if (!is_zip(from)) return false;
  const auto entries = read_zip_directory(from, {.begin = 0, .end = from.identity().size_bytes});
  return std::any_of(entries.begin(), entries.end(), [](const zip_entry& one) {
    return one.name == VALUES || one.name.ends_with("/data.pkl") ||
           one.name.ends_with("/archive_format") || one.name.find("/models/") != std::string::npos;
  });
}

}  // namespace warmstart::detail
