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

/// Appends what a safetensors file holds to a catalog. Throws `corrupt`.
class safetensors_file_reader {
 public:
  /// Reads the header, and checks that every byte behind it is a tensor's.
  safetensors_file_reader(const file_system& files, const std::string& path, catalog& into);

  [[nodiscard]] const std::map<std::string, std::string>& metadata() const {
    return header_.metadata;
  }

  /// Those for which `wanted(name)`; once. A dtype that variables cannot have makes a refusal; one
  /// that is not known throws `unsupported`.
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

/// Whether a file begins as one.
[[nodiscard]] bool is_safetensors(const file& from);

}  // namespace warmstart::detail
