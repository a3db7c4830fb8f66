#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "formats/pickle/pickle.hpp"
#include "formats/torch/torch_tensor.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

/// Appends the tensors of a torch.save file to a catalog.
class torch_catalog {
 public:
  /// Returns a storage's extent. Throws `corrupt`, `unsupported`.
  using storage_finder = std::function<extent(const torch_storage&)>;

  /// `path` begins messages.
  torch_catalog(catalog& into, const pickle& values, std::string path, bool big_endian,
                storage_finder find);

  /// Appends the tensors for which `wanted(name)` is true. Call once. Damaged ones get a refusal.
  void add_tensors(const std::function<bool(const std::string&)>& wanted);

 private:
  [[nodiscard]] catalog_tensor read(const std::string& name, const pickle_value& call);
  [[nodiscard]] std::uint32_t extent_of(const torch_storage& storage);

  catalog& into_;
  const pickle& values_;
  std::string path_;
  bool big_endian_;
  storage_finder find_;
  std::map<std::string, std::uint32_t> extents_;  ///< by key
};

/// The file name without its ending: the name of a tensor that is the whole contents of a file.
[[nodiscard]] std::string stem_of(const std::string& path);

}  // namespace warmstart::detail
