#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/error.hpp"
#include "warmstart/shape.hpp"
#include "warmstart/slice.hpp"

namespace warmstart::detail {

/// A byte range in a file of a distributed checkpoint.
struct dcp_place {
  std::string file;  ///< name in the checkpoint's directory
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  std::string transforms = {};  ///< names of the applied transforms, such as compression
};

/// A slice that a rank saved.
struct dcp_chunk {
  warmstart::slice slice;  ///< explicit, within the tensor
  dcp_place place;
};

struct dcp_tensor {
  std::string name;
  dtype type = dtype::invalid;  ///< invalid: variables cannot have it
  warmstart::shape shape;
  std::vector<dcp_chunk> chunks;  ///< without empty chunks
  std::string refusal;            ///< why it cannot be loaded; empty: it can be
};

/// Reads the tensors and the places of their chunks from `.metadata`, a pickle of PyTorch's classes
/// (specification 5.2). Skips values other than tensors. Throws `corrupt`, and `unsupported` for
/// pickles with unknown opcodes or symbols.
[[nodiscard]] std::vector<dcp_tensor> read_dcp_metadata(const file& from);

}  // namespace warmstart::detail
