#include "load/read_mode.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "model/open_file.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

// Smaller loads are fast in either mode.
constexpr std::int64_t MIN_BYTES = 64 * mebibyte;

struct wanted_file {
  catalog_file file;
  std::int64_t bytes = 0;
};

// The number of bytes in the union of the ranges.
std::int64_t bytes_of_union(std::vector<file_range>& ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const file_range& a, const file_range& b) { return a.begin < b.begin; });
  std::int64_t bytes = 0;
  std::int64_t counted_to = 0;
  for (const file_range& one : ranges) {
    bytes += std::max<std::int64_t>(one.end - std::max(one.begin, counted_to), 0);
    counted_to = std::max(counted_to, one.end);
  }
  return bytes;
}

// Counts the stored bytes of all tensors in pending loads. Each byte counts once, although parts
// and variables share tensors, and tensors share extents.
std::vector<wanted_file> find_wanted(const store_state& store) {
  std::set<std::pair<const catalog*, std::uint32_t>> tensors;
  std::map<std::pair<const file_system*, std::string>, std::vector<file_range>> ranges;
  std::vector<wanted_file> found;
  for (const auto& variable : store.variables) {
    for (const part_state& part : variable->parts) {
      if (!part.pending || !part.load) continue;
      const catalog& source = *part.load->source;
      if (!tensors.emplace(&source, part.load->tensor).second) continue;
      for (const stored_piece& piece : source.tensors[part.load->tensor].pieces) {
        const extent& stored = source.extents[piece.extent];
        const catalog_file& which = source.files[stored.file];
        auto& of_file = ranges[{which.file_system.get(), which.path}];
        if (of_file.empty()) found.push_back({.file = which});
        of_file.push_back(
            {.begin = stored.offset_bytes, .end = stored.offset_bytes + stored.size_bytes});
      }
    }
  }
  for (wanted_file& one : found) {
    one.bytes = bytes_of_union(ranges[{one.file.file_system.get(), one.file.path}]);
  }
  return found;
}

// Tries it for each file: some file systems refuse to open a file for direct reads, others refuse
// the reads, and under FUSE the answer can differ between files.
bool can_be_read_directly(const std::string& path, const file_system& files) {
  alignas(direct_alignment) std::array<std::byte, direct_alignment> page;
  try {
    if (files.is_remote(path)) return false;
    files.open(path, read_mode::direct)->read(0, page);
    return true;
  } catch (const error&) {
    return false;  // the buffered read will report the problem
  }
}

read_mode choose_automatic_mode(const std::vector<wanted_file>& wanted, const file_system& system) {
  std::int64_t all = 0;
  for (const wanted_file& one : wanted) all += one.bytes;
  if (all < MIN_BYTES) return read_mode::buffered;
  double cached = 0;
  for (const wanted_file& one : wanted) {
    const auto share = files_of(one.file, system).cached_share(one.file.path);
    cached += static_cast<double>(one.bytes) * share.value_or(1);
  }
  const bool cold = cached < static_cast<double>(all) / 2;
  const bool direct =
      cold && std::all_of(wanted.begin(), wanted.end(), [&](const wanted_file& one) {
        return can_be_read_directly(one.file.path, files_of(one.file, system));
      });
  return direct ? read_mode::direct : read_mode::buffered;
}

}  // namespace

read_mode choose_read_mode(const store_state& store, const load_options& options,
                           const file_system& files) {
  switch (options.io) {
    case load_options::io_mode::direct:
      return read_mode::direct;
    case load_options::io_mode::buffered:
      return read_mode::buffered;
    case load_options::io_mode::mapped:
      return read_mode::mapped;
    case load_options::io_mode::automatic:
      break;
  }
  return choose_automatic_mode(find_wanted(store), files);
}

}  // namespace warmstart::detail
