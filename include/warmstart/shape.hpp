#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace warmstart {

/// The sizes of a tensor's dimensions, row-major: the last one varies fastest. A scalar has none.
///
/// Every size is >= 0 and the product fits an int64, else the constructor throws
/// `invalid_argument`.
class shape {
 public:
  shape() = default;
  shape(std::initializer_list<std::int64_t> sizes) : shape(std::vector<std::int64_t>(sizes)) {}
  explicit shape(std::vector<std::int64_t> sizes);

  [[nodiscard]] int rank() const noexcept { return static_cast<int>(sizes_.size()); }
  [[nodiscard]] std::int64_t operator[](int dimension) const noexcept {
    return sizes_[static_cast<std::size_t>(dimension)];
  }
  [[nodiscard]] const std::vector<std::int64_t>& sizes() const noexcept { return sizes_; }
  [[nodiscard]] std::int64_t element_count() const noexcept { return element_count_; }

  friend bool operator==(const shape& a, const shape& b) noexcept { return a.sizes_ == b.sizes_; }

 private:
  std::vector<std::int64_t> sizes_;
  std::int64_t element_count_ = 1;
};

/// `[20,2]`; a scalar is `[]`.
[[nodiscard]] std::string to_string(const shape& s);

}  // namespace warmstart
