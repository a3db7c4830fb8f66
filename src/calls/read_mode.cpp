#include "calls/read_mode.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "core/units.hpp"
#include "warmstart/error.hpp"

namespace warmstart {
namespace {

// Below it, either way is quick.
constexpr std::int64_t LEAST_BYTES = 64 * mebibyte;

using wanted_bytes = std::map<const catalog_file*, std::int64_t>;

/// Bytes that pending loads want, by file: whole extents of the tensors they name.
wanted_bytes find_wanted(const store_state& store) {
  wanted_bytes found;
  for (const auto& variable : store.variables) {
    for (const part_state& part : variable->parts) {
      if (!part.pending || !part.load) continue;
      const catalog& source = *part.load->source;
      for (const stored_piece& piece : source.tensors[part.load->tensor].pieces) {
        const extent& stored = source.extents[piece.extent];
        found[&source.files[stored.file]] += stored.size_bytes;
      }
    }
  }
  return found;
}

bool can_be_read_directly(const catalog_file& one, const file_system& files) {
  try {
    (void)files.open(one.path, read_mode::direct);
    return true;
  } catch (const error&) {
    return false;  // whatever it is, a buffered read will tell
  }
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
  const wanted_bytes wanted = find_wanted(store);
  std::int64_t all = 0;
  for (const auto& [one, bytes] : wanted) all += bytes;
  if (all < LEAST_BYTES) return read_mode::buffered;
  double cached = 0;
  for (const auto& [one, bytes] : wanted) {
    cached += static_cast<double>(bytes) * files.cached_share(one->path).value_or(1);
  }
  const bool cold = cached < static_cast<double>(all) / 2;
  const bool direct = cold && std::all_of(wanted.begin(), wanted.end(), [&](const auto& entry) {
                        return can_be_read_directly(*entry.first, files);
                      });
  return direct ? read_mode::direct : read_mode::buffered;
}

}  // namespace warmstart
