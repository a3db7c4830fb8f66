#pragma once

#include <cstdint>
#include <string>

#include "formats/numpy/npy_types.hpp"
#include "io/file.hpp"
#include "model/catalog.hpp"
#include "warmstart/shape.hpp"

namespace warmstart::detail {

/// An array of NumPy's, and where its elements lie.
struct npy_array {
  npy_type type;
  shape of;
  bool column_major = false;  ///< the first index varies fastest
  file_range data;            ///< elements, all of them there
};

/// Reads the header of what fills `where`; bytes behind the elements mean nothing. Throws
/// `corrupt`, and `unsupported` for elements that variables cannot have.
[[nodiscard]] npy_array read_npy_array(const file& from, const file_range& where);

/// Appends it as a tensor that fills an extent of file number `file`; or the begin of one that
/// reaches to `extent_end`, where that is further on.
void add_npy_tensor(catalog& into, std::string name, const npy_array& array, std::uint32_t file,
                    std::int64_t extent_end, const stored_checksum& checksum);

}  // namespace warmstart::detail
