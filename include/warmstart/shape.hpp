#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "warmstart/export.hpp"

namespace warmstart {

/// The sizes of a tensor's dimensions, row-major: the last one varies fastest. A scalar has none.
///
/// Every size is at least 0 and their product fits in an int64; otherwise the constructor throws
/// `invalid_argument`.
class WARMSTART_EXPORT shape {
  /// A size of any integer type except bool.
  struct any_size {
    template <std::integral Integer>
    requires(!std::same_as<Integer, bool>) any_size(Integer given)
        : size(static_cast<std::int64_t>(given)) {}
    std::int64_t size;
  };

 public:
  shape() = default;
  shape(std::initializer_list<any_size> sizes) : shape(from_list(), sizes_of(sizes)) {}
  // A template, so that a braced list always selects the constructor from sizes.
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
  static std::vector<std::int64_t> sizes_of(std::initializer_list<any_size> given) {
    std::vector<std::int64_t> sizes;
    for (const any_size& one : given) sizes.push_back(one.size);
    return sizes;
  }

  std::vector<std::int64_t> sizes_;
  std::int64_t element_count_ = 1;
};

/// `[20,2]`; a scalar is `[]`.
[[nodiscard]] WARMSTART_EXPORT std::string to_string(const shape& s);

}  // namespace warmstart
