#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "warmstart/export.hpp"

namespace warmstart {

/// The sizes of a tensor's dimensions, row-major: the last one varies fastest. A scalar has none.
///
/// Every size is >= 0 and the product fits an int64, else the constructor throws
/// `invalid_argument`.
class WARMSTART_EXPORT shape {
 public:
  shape() = default;
  /// `shape{20, 2}`: sizes of any integer type.
  template <std::integral... Sizes>
  requires(sizeof...(Sizes) > 0) shape(Sizes... sizes)
      : shape(from_list(), std::vector<std::int64_t>{static_cast<std::int64_t>(sizes)...}) {}
  // A template, so that braces always mean the sizes themselves.
  template <std::same_as<std::vector<std::int64_t>> List>
  explicit shape(List sizes) : shape(from_list(), std::move(sizes)) {}

  [[nodiscard]] int rank() const noexcept { return static_cast<int>(sizes_.size()); }
  [[nodiscard]] std::int64_t operator[](int dimension) const noexcept {
    return sizes_[static_cast<std::size_t>(dimension)];
  }
  [[nodiscard]] const std::vector<std::int64_t>& sizes() const noexcept { return sizes_; }
  [[nodiscard]] auto begin() const noexcept { return sizes_.begin(); }
  [[nodiscard]] auto end() const noexcept { return sizes_.end(); }
  [[nodiscard]] std::int64_t element_count() const noexcept { return element_count_; }

  friend bool operator==(const shape& a, const shape& b) noexcept { return a.sizes_ == b.sizes_; }

 private:
  struct from_list {};
  shape(from_list /*tag*/, std::vector<std::int64_t> sizes);

  std::vector<std::int64_t> sizes_;
  std::int64_t element_count_ = 1;
};

/// `[20,2]`; a scalar is `[]`.
[[nodiscard]] WARMSTART_EXPORT std::string to_string(const shape& s);

}  // namespace warmstart
