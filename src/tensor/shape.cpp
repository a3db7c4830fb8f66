#include "warmstart/shape.hpp"

#include <utility>

#include "base/checked.hpp"
#include "warmstart/error.hpp"

namespace warmstart {

using namespace detail;

namespace {

std::string joined(const std::vector<std::int64_t>& sizes) {
  std::string text = "[";
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (i != 0) text += ',';
    text += std::to_string(sizes[i]);
  }
  return text + "]";
}

}  // namespace

shape::shape(from_list /*tag*/, std::vector<std::int64_t> sizes) : sizes_(std::move(sizes)) {
  for (const std::int64_t size : sizes_) {
    if (size < 0) {
      throw error(error_code::invalid_argument, "shape " + joined(sizes_) + " has a negative size");
    }
    const auto product = checked_multiply(element_count_, size);
    if (!product) {
      throw error(error_code::invalid_argument,
                  "shape " + joined(sizes_) + " has more elements than an int64 counts");
    }
    element_count_ = *product;
  }
}

std::string to_string(const shape& s) {
  return joined(s.sizes());
}

}  // namespace warmstart
