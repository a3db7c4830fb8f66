#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/pickle/pickle.hpp"
#include "formats/torch/torch_types.hpp"
#include "model/catalog.hpp"
#include "warmstart/dtype.hpp"
#include "warmstart/shape.hpp"

namespace warmstart::detail {

/// A storage, as a persistent id describes it: bytes outside the pickle that tensors can share.
struct torch_storage {
  std::string key;
  bool typed = true;  ///< false: its elements are bytes, whatever the tensor's are
  torch_type element;
  std::int64_t size_bytes = 0;
  std::int64_t view_begin = 0;  ///< in very old files: the part that the tensor uses
  std::int64_t view_end = 0;
};

/// A tensor, as a pickle describes it.
struct torch_tensor {
  torch_storage storage;
  dtype type = dtype::invalid;
  warmstart::shape shape;
  std::int64_t first = 0;             ///< index of the first element in the storage
  std::vector<std::int64_t> strides;  ///< >= 0, one per dimension, in elements
  bool conjugated = false;            ///< the stored elements are the complex conjugates
  bool negated = false;               ///< the stored elements are the negatives
};

/// Throws `corrupt` if a persistent id does not describe a storage. `where` begins the message.
[[nodiscard]] torch_storage read_torch_storage(const pickle& in, const pickle_value& id,
                                               const std::string& where);

/// Reads the tensor that a call makes (specification 3.4, 3.5). Throws `corrupt`, and `unsupported`
/// for tensors that cannot be loaded: quantized, sparse, without data.
[[nodiscard]] torch_tensor read_torch_tensor(const pickle& in, const pickle_value& call,
                                             const std::string& where);

/// A piece of a catalog's tensor: `from` fills slice `where`; extent `number` is its storage.
[[nodiscard]] stored_piece make_torch_piece(const torch_tensor& from, slice where,
                                            std::uint32_t number);

}  // namespace warmstart::detail
