#include "formats/common/tensor_refusals.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/printable.hpp"
#include "formats/common/slice_overlap.hpp"

namespace warmstart::detail {

void refuse(catalog_tensor& tensor, std::string reason, error_code code) {
  if (tensor.refusal.reason.empty()) tensor.refusal = {.code = code, .reason = std::move(reason)};
}

void refuse_type(catalog_tensor& tensor, const std::string& where) {
  if (tensor.type == dtype::invalid) {
    refuse(tensor,
           fmt::format("{}: dtype number {} of tensor {} is not known", where, tensor.type_number,
                       in_quotes(tensor.name)),
           error_code::unsupported);
  } else if (size_of(tensor.type) == 0) {
    refuse(tensor, fmt::format("a {} tensor cannot be a device variable", name_of(tensor.type)),
           error_code::mismatch);
  }
}

void refuse_overlaps(catalog_tensor& tensor, std::span<const slice> slices,
                     const std::string& where) {
  const slice_overlap overlap = find_overlap(slices);
  if (overlap.pair) {
    refuse(tensor, fmt::format("{}: overlapping slices of tensor {}: {} and {}", where,
                               in_quotes(tensor.name), to_string(overlap.pair->first),
                               to_string(overlap.pair->second)));
  } else if (overlap.given_up) {
    refuse(tensor,
           fmt::format("{}: the {} slices of tensor {} are interleaved in a way that takes too "
                       "long to compare",
                       where, slices.size(), in_quotes(tensor.name)),
           error_code::unsupported);
  }
}

void refuse_incomplete(catalog_tensor& tensor, std::span<const slice> slices,
                       const std::string& where) {
  if (slices.size() > 1) refuse_overlaps(tensor, slices, where);
  std::int64_t missing = tensor.full_shape.element_count();
  for (const slice& one : slices) missing -= one.lengths().element_count();
  if (tensor.refusal.reason.empty() && missing != 0) {
    refuse(tensor,
           fmt::format("{}: the slices of tensor {} leave gaps: {} of {} elements are not "
                       "stored",
                       where, in_quotes(tensor.name), missing, tensor.full_shape.element_count()));
  }
}

std::string in_quotes(std::string_view name) {
  constexpr std::size_t MOST = 200;
  return "'" + printable(name.substr(0, MOST)) + (name.size() > MOST ? "...'" : "'");
}

}  // namespace warmstart::detail
