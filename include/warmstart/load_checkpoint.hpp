#pragma once

#include <memory>
#include <string>
#include <vector>

#include "warmstart/device.hpp"
#include "warmstart/export.hpp"
#include "warmstart/file_system.hpp"
#include "warmstart/run.hpp"
#include "warmstart/variable_store.hpp"

namespace warmstart {

/// A tensor that no variable can hold.
struct left_out_tensor {
  std::string name = {};
  std::string reason = {};
};

/// Result of `load_checkpoint`: every tensor of a checkpoint in a variable of the same name.
struct loaded_checkpoint {
  variable_store variables{};
  load_report report = {};
  std::vector<left_out_tensor> left_out = {};  ///< string tensors, for example
};

/// Loads every tensor of a checkpoint, without an assignment map:
///
///     auto model = warmstart::load_checkpoint("model.safetensors", "cuda:0");
///     float* bias = model.variables.find("encoder.bias")->data<float>();
///
/// `path` and `files` have the same meaning as for `checkpoint::open`. Throws like
/// `checkpoint::open` and `run_initializers`.
[[nodiscard]] WARMSTART_EXPORT loaded_checkpoint
load_checkpoint(const std::string& path, const device& device = device::best(),
                const load_options& options = {}, std::shared_ptr<const file_system> files = {});

}  // namespace warmstart
