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
  shape of;

  [[nodiscard]] std::int64_t size_bytes() const {
    return of.element_count() * static_cast<std::int64_t>(size_of(type));
  }
};

/// What a checkpoint for measurements holds: tensors of noise in one data file.
using stored_model = std::vector<stored_tensor>;

[[nodiscard]] std::int64_t size_bytes(const stored_model& model);
[[nodiscard]] std::string data_path(const std::string& prefix);

/// Writes the checkpoint to `prefix`, and what it wrote to the disk, unless it is there: its index
/// comes last. Throws `io`.
void write_model(const std::string& prefix, const stored_model& model);
/// Writes the data of such a checkpoint as a safetensors file, too, unless it is there; its path.
/// As its usual writer does, it fills the header up to a multiple of 8 bytes. Throws `io`.
std::string write_safetensors(const std::string& prefix, const stored_model& model);
/// As `write_model`, with a hole in place of the data, and checksums of nothing: for what reads no
/// data.
void write_index(const std::string& prefix, const stored_model& model);

}  // namespace warmstart::detail
