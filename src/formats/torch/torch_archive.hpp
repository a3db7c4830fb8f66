#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "formats/pickle/pickle.hpp"
#include "formats/torch/torch_tensor.hpp"
#include "formats/zip/zip_directory.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

// A zip archive of torch.save (specification 3.1), in one folder P:
//
//     P/data.pkl         the object: a pickle, whose tensors refer to storages
//     P/data/0, 1, ...   the storages: raw bytes
//     P/byteorder        `little` or `big`; `little` if the entry is missing
//     P/version          format version, 1 to 10

/// An archive, which fills a file or a part of it.
class torch_archive {
 public:
  /// Reads everything but the storages. `from` must outlive it. Throws `corrupt`, and `unsupported`
  /// for archives of TorchScript and torch.export and for compressed entries.
  torch_archive(const file& from, const file_range& where);

  [[nodiscard]] const pickle& values() const noexcept { return values_; }
  [[nodiscard]] bool big_endian() const noexcept { return big_endian_; }

  /// The bytes of a storage, as an extent of file number `file`. Throws `corrupt` if it is missing
  /// or has another size, `unsupported` if it is compressed.
  [[nodiscard]] extent find(const torch_storage& storage, std::uint32_t file) const;

 private:
  [[noreturn]] void refuse(const std::string& why, error_code code = error_code::corrupt) const;
  void list_entries();
  void refuse_others() const;
  [[nodiscard]] const zip_entry* find_entry(const std::string& name) const;
  [[nodiscard]] file_range stored(const zip_entry& entry) const;
  [[nodiscard]] std::string read_text(const std::string& name) const;
  void check_version() const;
  void read_byte_order();
  void read_values();

  const file& from_;
  file_range where_;
  std::string folder_;  ///< with a trailing slash
  std::map<std::string, zip_entry> entries_;
  bool big_endian_ = false;
  pickle values_;
};

/// Whether a file is an archive of torch.save, or one of TorchScript or torch.export, which
/// `torch_archive` refuses with a reason.
[[nodiscard]] bool is_torch_archive(const file& from);

}  // namespace warmstart::detail
