#include "load/small_read.hpp"

#include "base/units.hpp"
#include "engine/file_table.hpp"
#include "io/file.hpp"
#include "model/open_file.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

// More is worth the time of a plan, which reads and sums up in blocks that fit the caches.
constexpr std::int64_t MAX_BYTES = 256 * kibibyte;

// The extent that holds exactly the tensor's bytes in memory, or null.
const extent* plain_extent(const catalog& in, const catalog_tensor& tensor) {
  if (tensor.swapped || tensor.conjugated || tensor.negated || tensor.pieces.size() != 1)
    return nullptr;
  const stored_piece& piece = tensor.pieces.front();
  const extent& found = in.extents[piece.extent];
  const bool whole = piece.slice.covers(tensor.full_shape) && piece.strides.empty() &&
                     found.size_bytes == tensor.size_bytes();
  return whole && !found.checked_with ? &found : nullptr;
}

bool is_as_stored(std::span<const std::byte> bytes, const stored_checksum& checksum) {
  const checksum_arithmetic& sum = arithmetic_of(checksum.kind);
  return sum.finish(sum.remainder(bytes, 0), static_cast<std::int64_t>(bytes.size())) ==
         checksum.value;
}

}  // namespace

std::shared_ptr<const file> recent_file::open(const catalog& in, std::uint32_t number) {
  static const std::shared_ptr<const file_system> system = system_files();
  const catalog_file& wanted = in.files[number];
  std::shared_ptr<const file> found = find(number);
  const bool is_new = !found;
  if (is_new) found = open_file(*system, wanted, read_mode::buffered);
  check_identity(*system, wanted, found->identity());
  if (is_new) keep(number, found);
  return found;
}

std::shared_ptr<const file> recent_file::find(std::uint32_t number) {
  const std::lock_guard lock(mutex_);
  return number_ == number ? file_ : nullptr;
}

void recent_file::keep(std::uint32_t number, std::shared_ptr<const file> opened) {
  const std::lock_guard lock(mutex_);
  file_.swap(opened);  // the former one is closed after the lock
  number_ = number;
}

bool read_small(const catalog& in, const catalog_tensor& tensor, std::span<std::byte> into,
                bool checksums, recent_file& recent) {
  if (in.file_system || into.empty() || static_cast<std::int64_t>(into.size()) > MAX_BYTES)
    return false;
  const extent* const from = plain_extent(in, tensor);
  if (from == nullptr || from->size_bytes != static_cast<std::int64_t>(into.size())) return false;
  if (in.files[from->file].decoded_by) return false;
  const bool checked = checksums && from->checksum.kind != checksum_kind::none;
  if (checked && !from->checksum.of_bytes()) return false;
  try {
    recent.open(in, from->file)->read(from->offset_bytes, into);
  } catch (const error&) {
    return false;
  }
  return !checked || is_as_stored(into, from->checksum);
}

}  // namespace warmstart::detail
