#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "formats/safetensors/header.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"
#include "warmstart/shape.hpp"

namespace warmstart::detail {

/// Appends the tensors of a safetensors file to a catalog. Throws `corrupt`.
class safetensors_file_reader {
 public:
  /// Reads the header, and checks that its tensors cover all bytes after it.
  safetensors_file_reader(const file_system& files, const std::string& path, catalog& into);

  [[nodiscard]] const std::map<std::string, std::string>& metadata() const {
    return header_.metadata;
  }

  /// Appends the tensors for which `wanted(name)` is true. Call once. A tensor whose dtype
  /// variables cannot have gets a refusal. Throws `unsupported` for an unknown dtype.
  void add_tensors(const std::function<bool(const std::string&)>& wanted);

 private:
  [[noreturn]] void refuse_entry(const safetensors_entry& entry, const std::string& why,
                                 error_code code = error_code::corrupt) const;
  void check_places() const;
  [[nodiscard]] shape shape_of(const safetensors_entry& entry, int bits) const;
  void check_size(const safetensors_entry& entry, const shape& of, int bits) const;
  void add(const safetensors_entry& entry);

  const std::string& path_;
  catalog& into_;
  safetensors_header header_;
  std::int64_t data_begin_ = 0;
  std::int64_t data_bytes_ = 0;
};

/// Whether a file begins like a safetensors file.
[[nodiscard]] bool is_safetensors(const file& from);

}  // namespace warmstart::detail
