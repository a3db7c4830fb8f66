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

/// What a persistent id says of a storage: bytes outside of the pickle that tensors share.
struct torch_storage {
  std::string key;
  bool typed = true;  ///< else its elements are bytes, whatever a tensor's are
  torch_type element;
  std::int64_t size_bytes = 0;
  std::int64_t view_begin = 0;  ///< which part of the bytes it is, in very old files
  std::int64_t view_end = 0;
};

/// A tensor, as a pickle says to make it.
struct torch_tensor {
  torch_storage storage;
  dtype type = dtype::invalid;
  shape of;
  std::int64_t first = 0;             ///< position of its first element in the storage
  std::vector<std::int64_t> strides;  ///< >= 0, one per dimension; positions within the storage
  bool conjugated = false;            ///< it is the complex conjugate of what is stored
  bool negated = false;               ///< it is the negation
};

/// Throws `corrupt` for a persistent id that is no storage's. `where` is in front.
[[nodiscard]] torch_storage read_torch_storage(const pickle& in, const pickle_value& id,
                                               const std::string& where);

/// Follows a call to the tensor that it makes (specification 3.4, 3.5). Throws `corrupt`, and
/// `unsupported` for kinds of tensors that variables cannot be: quantized, sparse, without data.
[[nodiscard]] torch_tensor read_torch_tensor(const pickle& in, const pickle_value& call,
                                             const std::string& where);

/// The slice `where` of a tensor, whose elements lie in extent `number` as that one's do.
[[nodiscard]] stored_piece make_torch_piece(const torch_tensor& from, slice where,
                                            std::uint32_t number);

}  // namespace warmstart::detail
