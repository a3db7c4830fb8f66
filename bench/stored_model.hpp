#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "warmstart/dtype.hpp"
#include "warmstart/shape.hpp"

namespace warmstart::detail {

struct stored_tensor {
  std::string name;
  dtype type = dtype::float32;
  warmstart::shape shape;

  [[nodiscard]] std::int64_t size_bytes() const {
    return shape.element_count() * static_cast<std::int64_t>(size_of(type));
  }
};

/// The contents of a checkpoint for measurements: tensors of noise in one data file.
using stored_model = std::vector<stored_tensor>;

[[nodiscard]] std::int64_t size_bytes(const stored_model& model);
[[nodiscard]] std::string data_path(const std::string& prefix);

/// Writes the checkpoint to `prefix` and syncs it to the disk, unless it exists. Writes the index
/// last. Throws `io`.
void write_model(const std::string& prefix, const stored_model& model);
/// Writes the data of a checkpoint as a safetensors file, unless it exists, and returns its path.
/// Pads the header to a multiple of 8 bytes, like the usual writer. Throws `io`.
std::string write_safetensors(const std::string& prefix, const stored_model& model);
/// Like `write_model`, but with a sparse data file and invalid checksums, for measurements that
/// read no data.
void write_index(const std::string& prefix, const stored_model& model);

}  // namespace warmstart::detail
