#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "formats/pickle/pickle.hpp"
#include "formats/torch/torch_tensor.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

// torch.save's format before zip archives (specification 3.9): five pickles, then the storages
//
//     magic │ 1001 │ {little_endian, ...} │ the object │ keys │ i64 count, elements │ ...

/// A legacy file of torch.save.
class legacy_torch_file {
 public:
  /// Reads everything but the storages. `from` must outlive it. Throws `corrupt`, `unsupported`.
  explicit legacy_torch_file(const file& from);

  [[nodiscard]] const pickle& values() const noexcept { return values_; }

  /// The bytes of a storage, as an extent of file number `file`. Throws `corrupt`.
  [[nodiscard]] extent find(const torch_storage& storage, std::uint32_t file) const;

 private:
  [[noreturn]] void refuse(std::int64_t offset, const std::string& why) const;
  [[nodiscard]] pickle read_pickle_at(std::int64_t offset) const;
  void check_version(const pickle& version) const;
  void place_storages(const pickle& keys);

  const file& from_;
  std::int64_t size_bytes_;
  pickle values_;
  std::map<std::string, extent> places_;
};

/// Whether a file begins like a legacy file.
[[nodiscard]] bool is_legacy_torch(const file& from);

}  // namespace warmstart::detail
