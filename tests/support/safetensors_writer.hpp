#pragma once

#include <string>

#include "support/zip_writer.hpp"

namespace warmstart::detail::test {

/// A safetensors file, as its header stands in it.
inline std::string safetensors_file(const std::string& header, const std::string& data) {
  return little_endian(header.size(), 8) + header + data;
}

}  // namespace warmstart::detail::test
