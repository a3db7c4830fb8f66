#pragma once

#include <string>

namespace warmstart::detail::test {

/// A `.npy` file of version 1.0, as it stands in a Python header and bytes.
inline std::string npy_file(const std::string& header, const std::string& data) {
  std::string text("\x93NUMPY\x01\0", 8);
  text += static_cast<char>(header.size() & 0xffU);
  text += static_cast<char>(header.size() >> 8U);
  return text + header + data;
}

/// Of elements `descr` in shape `sizes`, in Python's words: `(2, 3)`.
inline std::string npy_file(const std::string& descr, const std::string& sizes,
                            const std::string& data, bool column_major = false) {
  return npy_file("{'descr': '" + descr + "', 'fortran_order': " +
                      (column_major ? "True" : "False") + ", 'shape': " + sizes + ", }\n",
                  data);
}

}  // namespace warmstart::detail::test
