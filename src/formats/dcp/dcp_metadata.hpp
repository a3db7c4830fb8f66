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

/// Where a file of a distributed checkpoint holds something.
struct dcp_place {
  std::string file;  ///< its name, in the checkpoint's directory
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  std::string transforms = {};  ///< extensions that it went through: compression, ...
};

/// A slice that some rank saved.
struct dcp_chunk {
  slice where;  ///< explicit, within the tensor
  dcp_place place;
};

struct dcp_tensor {
  std::string name;
  dtype type = dtype::invalid;  ///< invalid: none that variables can have
  shape of;
  std::vector<dcp_chunk> chunks;  ///< those with elements
  std::string refusal;            ///< why it is unbelievable; empty: it is not
};

/// Reads `.metadata`, a pickle of PyTorch's classes (specification 5.2): what tensors there are and
/// where their chunks are. Values that are no tensors are left out. Throws `corrupt`; `unsupported`
/// for pickles that hold anything else.
[[nodiscard]] std::vector<dcp_tensor> read_dcp_metadata(const file& from);

}  // namespace warmstart::detail
