#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "formats/tensorflow/slices/data_record.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// One file of a V1 checkpoint.
struct slices_member {
  std::string path;
  file_identity identity;
  std::map<std::string, data_record, std::less<>> records;  ///< by slice key
  std::string damage;  ///< message about the first damaged block; empty: none
};

/// A slice of a tensor, and the member that lists it.
struct listed_slice {
  slice spelled;
  std::size_t member = 0;
};

/// A tensor, with the slices from all members that list it.
struct listed_tensor {
  shape full_shape;
  std::int64_t type_number = 0;
  std::vector<listed_slice> slices;
  std::string contradiction;  ///< message if members disagree; empty: they do not
};

/// The keys and the metadata of all files of a V1 checkpoint.
struct slices_index {
  std::vector<slices_member> members;
  std::map<std::string, listed_tensor> tensors;
};

/// Throws `corrupt` if a file is not a table or has no metadata, and what reading throws.
[[nodiscard]] slices_index read_slices_index(const file_system& files,
                                             const std::vector<std::string>& members);

}  // namespace warmstart::detail
