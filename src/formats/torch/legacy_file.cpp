#include "formats/torch/legacy_file.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

#include "base/checked.hpp"
#include "base/file_problem.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/pickle/pickle_reader.hpp"
#include "formats/torch/torch_types.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

// The pickle of torch's magic number.
constexpr std::string_view BEGIN("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e",
                                 15);
constexpr std::int64_t VERSION = 1001;

}  // namespace

legacy_torch_file::legacy_torch_file(const file& from)
    : from_(from), size_bytes_(from.identity().size_bytes) {
  const pickle version = read_pickle_at(std::ssize(BEGIN));
  check_version(version);
  // torch ignores the byte order given here.
  const pickle system = read_pickle_at(version.end_offset);
  values_ = read_pickle_at(system.end_offset);
  place_storages(read_pickle_at(values_.end_offset));
}

void legacy_torch_file::refuse(std::int64_t offset, const std::string& why) const {
  throw error(file_problem(error_code::corrupt, {from_.path(), offset},
                           "legacy file of torch.save: " + why));
}

pickle legacy_torch_file::read_pickle_at(std::int64_t offset) const {
  return read_pickle(from_, {.begin = offset, .end = size_bytes_}, find_torch_symbol);
}

void legacy_torch_file::check_version(const pickle& version) const {
  const pickle_value& found = version[version.root];
  if (found.is != pickle_kind::integer || found.number != VERSION) {
    refuse(found.offset_bytes, fmt::format("expected version {}", VERSION));
  }
}

// Only the object, `values_`, says how many bytes an element has.
void legacy_torch_file::place_storages(const pickle& keys) {
  std::map<std::string, torch_storage> expected;
  for (const pickle_value& one : values_.values) {
    if (one.is != pickle_kind::persistent) continue;
    const torch_storage storage = read_torch_storage(values_, one, from_.path());
    expected.emplace(storage.key, storage);
  }
  if (keys[keys.root].is != pickle_kind::list) {
    refuse(keys[keys.root].offset_bytes, "expected the storages' keys");
  }
  std::int64_t at = keys.end_offset;
  for (const pickle_node node : keys[keys.root].items) {
    const std::string& key = keys[node].text;
    const auto storage = expected.find(key);
    if (storage == expected.end())
      refuse(at, "storage " + in_quotes(key) + " does not belong to a tensor");
    std::array<std::byte, sizeof(std::int64_t)> bytes{};
    if (size_bytes_ - at < std::ssize(bytes)) refuse(at, "it ends early");
    from_.read(at, bytes);
    std::int64_t count = 0;
    std::memcpy(&count, bytes.data(), sizeof(count));
    at += std::ssize(bytes);
    const auto size = checked_multiply(count, storage->second.element.element_bytes);
    if (!size || *size != storage->second.size_bytes || *size > size_bytes_ - at) {
      refuse(at, fmt::format("storage {}: expected {} elements of {} bytes, found {} in {} bytes",
                             in_quotes(key),
                             storage->second.size_bytes / storage->second.element.element_bytes,
                             storage->second.element.element_bytes, count, size_bytes_ - at));
    }
    places_.emplace(key, extent{.offset_bytes = at, .size_bytes = *size, .checksum = {}});
    at += *size;
  }
}

extent legacy_torch_file::find(const torch_storage& storage, std::uint32_t file) const {
  const auto found = places_.find(storage.key);
  if (found == places_.end() || found->second.size_bytes != storage.size_bytes) {
    throw error(file_problem(error_code::corrupt, {from_.path()},
                             fmt::format("there is no storage {} of {} bytes",
                                         in_quotes(storage.key), storage.size_bytes)));
  }
  extent made = found->second;
  made.file = file;
  return made;
}

bool is_legacy_torch(const file& from) {
  std::array<char, BEGIN.size()> begin{};
  if (from.identity().size_bytes < std::ssize(begin)) return false;
  from.read(0, std::as_writable_bytes(std::span(begin)));
  return std::string_view(begin.data(), begin.size()) == BEGIN;
}

}  // namespace warmstart::detail
