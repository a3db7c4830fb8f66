#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/file.hpp"

namespace warmstart::detail {

// The file format of NumPy's arrays (specification 4.1):
//
//     \x93NUMPY │ version, 2 bytes │ length, 2 or 4 bytes │ a Python dict: descr, fortran_order,
//                                                           shape │ elements

inline constexpr std::string_view NPY_MAGIC = "\x93NUMPY";

struct npy_header {
  std::string description;  ///< NumPy's description of the elements: `<f4`
  bool column_major = false;
  std::vector<std::uint64_t> sizes;
  std::int64_t data_begin = 0;  ///< in the file
};

/// Reads the header at `where.begin`. Throws `corrupt`, and `unsupported` for later versions and
/// for elements that are structures.
[[nodiscard]] npy_header read_npy_header(const file& from, const file_range& where);

/// Parses the dict, which begins at `offset` in the file. Throws the same.
[[nodiscard]] npy_header parse_npy_header(std::string_view text, const std::string& path,
                                          std::int64_t offset);

}  // namespace warmstart::detail
