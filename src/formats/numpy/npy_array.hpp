#pragma once

#include <cstdint>
#include <string>

#include "formats/numpy/npy_types.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"
#include "warmstart/shape.hpp"

namespace warmstart::detail {

/// A NumPy array, and the byte range of its elements.
struct npy_array {
  npy_type type;
  warmstart::shape shape;
  bool column_major = false;  ///< the first index varies fastest
  file_range data;            ///< of the elements; lies within the file
};

/// Reads the header of the array in `where`; ignores bytes after its elements. Throws `corrupt`,
/// and `unsupported` for elements that variables cannot have.
[[nodiscard]] npy_array read_npy_array(const file& from, const file_range& where);

/// Appends a tensor and an extent of file number `file`, from the array's first element to
/// `extent_end`. The extent may be longer than the tensor.
void add_npy_tensor(catalog& into, std::string name, const npy_array& array, std::uint32_t file,
                    std::int64_t extent_end, const stored_checksum& checksum);

}  // namespace warmstart::detail
