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
//     P/data/0, 1, ...   a storage each, raw bytes
//     P/byteorder        `little` or `big`; without it little
//     P/version          of the format: 1 to 10

/// An archive, in a file or in a part of it.
class torch_archive {
 public:
  /// Reads all but the storages. The file outlives it. Throws `corrupt`; `unsupported` for
  /// archives of other makers and for compressed entries.
  torch_archive(const file& from, const file_range& where);

  [[nodiscard]] const pickle& values() const noexcept { return values_; }
  [[nodiscard]] bool big_endian() const noexcept { return big_endian_; }

  /// Where a storage's bytes are, in file number `file`. Throws `corrupt` if it is not there, or
  /// has another size; `unsupported` if it is compressed.
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
  std::string folder_;  ///< with the slash
  std::map<std::string, zip_entry> entries_;
  bool big_endian_ = false;
  pickle values_;
};

/// Whether a file is such an archive, or one that only its refusal tells from it.
[[nodiscard]] bool is_torch_archive(const file& from);

}  // namespace warmstart::detail
