#include "formats/torch/torch_tensor.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

#include "base/checked.hpp"
#include "formats/common/stored_shape.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/torch/torch_call.hpp"
#include "tensor/element_convert.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

class tensor_reader {
 public:
  tensor_reader(const pickle& in, const pickle_value& call, const std::string& where)
      : in_(in), where_(where), call_(in, call, where) {}

  torch_tensor read() {
    constexpr int MAX_WRAPPERS = 8;
    for (int level = 0; unwrap(); ++level) {
      if (level == MAX_WRAPPERS) call_.refuse("it is wrapped too many times");
    }
    if (call_.function() == "torch._utils _rebuild_tensor") {
      call_.expect_arguments(4, 4);
      read_storage();
      make_of(made_.storage.element);
    } else if (call_.function() == "torch._utils _rebuild_tensor_v2") {
      call_.expect_arguments(6, 7);
      read_storage();
      make_of(made_.storage.element);
      read_rest(6);
    } else if (call_.function() == "torch._utils _rebuild_tensor_v3") {
      call_.expect_arguments(7, 8);
      read_storage();
      make_of(type_argument());
      read_rest(7);
    } else {
      call_.refuse(fmt::format("tensors of {} cannot be loaded", in_quotes(call_.function())),
                   error_code::unsupported);
    }
    return std::move(made_);
  }

 private:
  // Calls for parameters, and for tensors with attributes, wrap a tensor's call.
  bool unwrap() {
    if (call_.function() == "torch._utils _rebuild_parameter") {
      call_.expect_arguments(3, 3);
    } else if (call_.function() == "torch._utils _rebuild_parameter_with_state") {
      call_.expect_arguments(4, 4);
    } else if (call_.function() == "torch._tensor _rebuild_from_type_v2") {
      call_.expect_arguments(4, 4);
      unwrap_type();
      return true;
    } else {
      return false;
    }
    if (call_[0].is != pickle_kind::call) call_.refuse("a parameter without a tensor");
    call_.enter(call_[0]);
    return true;
  }

  // (function, type, arguments of the function, state)
  void unwrap_type() {
    const pickle_value& type = call_[1];
    if (call_[0].is != pickle_kind::symbol || type.is != pickle_kind::symbol ||
        call_[2].is != pickle_kind::tuple) {
      call_.refuse("expected a function, a type and arguments");
    }
    if (type.text != "torch Tensor") {
      call_.refuse("tensors of type " + in_quotes(type.text) + " cannot be loaded",
                   error_code::unsupported);
    }
    call_.enter(call_[0], call_[2]);
  }

  void read_storage() {
    if (call_[0].is != pickle_kind::persistent) call_.refuse("a tensor without a storage");
    made_.storage = read_torch_storage(in_, call_[0], where_);
  }

  [[nodiscard]] torch_type type_argument() const {
    const pickle_value& symbol = call_[6];
    const auto type =
        symbol.is == pickle_kind::symbol ? find_torch_dtype(symbol.text) : std::nullopt;
    if (!type) call_.refuse("a tensor without a dtype");
    return *type;
  }

  // (storage, position of the first element, sizes, strides, ...)
  void make_of(const torch_type& type) {
    if (type.type == dtype::invalid) {
      call_.refuse("its elements are of a type that variables cannot have",
                   error_code::unsupported);
    }
    made_.type = type.type;
    made_.first = call_.natural(1, "the position of its first element");
    const auto sizes = call_.naturals(2, "a dimension");
    made_.strides = call_.naturals(3, "a stride");
    if (made_.strides.size() != sizes.size()) {
      call_.refuse(
          fmt::format("{} dimensions have {} strides", sizes.size(), made_.strides.size()));
    }
    auto of =
        stored_shape(std::vector<std::uint64_t>(sizes.begin(), sizes.end()), size_of(type.type));
    if (!of) call_.refuse("its dimensions are larger than any tensor's");
    made_.shape = *std::move(of);
    if (made_.shape.element_count() != 0) place(type.element_bytes);
  }

  // Checks that all elements lie in the storage, and makes `first` relative to its begin.
  void place(std::int64_t element_bytes) {
    auto last = std::optional(made_.first);
    for (int d = 0; d < made_.shape.rank() && last; ++d) {
      const auto reach =
          checked_multiply(made_.shape[d] - 1, made_.strides[static_cast<std::size_t>(d)]);
      last = reach ? checked_add(*last, *reach) : std::nullopt;
    }
    const torch_storage& in = made_.storage;
    const std::int64_t count = (in.view_end - in.view_begin) / element_bytes;
    if (!last || *last >= count) {
      call_.refuse(
          fmt::format("expected its elements in {} of storage {}, found the last one at {}", count,
                      in_quotes(in.key), last ? std::to_string(*last) : "2^63"));
    }
    if (in.view_begin % element_bytes != 0) {
      call_.refuse("a view that begins within an element");
    }
    made_.first += in.view_begin / element_bytes;
  }

  // (..., requires_grad, hooks, metadata); the metadata are optional.
  void read_rest(std::size_t flags) {
    if (call_[4].is != pickle_kind::boolean) call_.refuse("requires_grad is not a bool");
    if (call_[5].is != pickle_kind::none && call_[5].is != pickle_kind::dict)
      call_.refuse("hooks are not a dict");
    if (call_.size() <= flags || call_[flags].is == pickle_kind::none) return;
    if (call_[flags].is != pickle_kind::dict)
      call_.refuse("the metadata of a tensor is not a dict");
    made_.conjugated = call_.flag(flags, "conj");
    made_.negated = call_.flag(flags, "neg");
    if (made_.conjugated && made_.type != dtype::complex64 && made_.type != dtype::complex128) {
      call_.refuse("a conjugate of elements that are not complex");
    }
    if (made_.negated && !can_negate(made_.type)) {
      call_.refuse(fmt::format("elements of {} cannot be negated", name_of(made_.type)),
                   error_code::unsupported);
    }
  }

  const pickle& in_;
  const std::string& where_;
  torch_call call_;
  torch_tensor made_;
};

bool is_dense(const torch_tensor& tensor) {
  std::int64_t stride = 1;
  for (int d = tensor.shape.rank() - 1; d >= 0; --d) {
    if (tensor.shape[d] != 1 && tensor.strides[static_cast<std::size_t>(d)] != stride) return false;
    stride *= tensor.shape[d];
  }
  return tensor.first == 0 &&
         stride * static_cast<std::int64_t>(size_of(tensor.type)) == tensor.storage.size_bytes;
}

}  // namespace

torch_tensor read_torch_tensor(const pickle& in, const pickle_value& call,
                               const std::string& where) {
  return tensor_reader(in, call, where).read();
}

stored_piece make_torch_piece(const torch_tensor& from, slice where, std::uint32_t number) {
  if (is_dense(from)) return {.slice = std::move(where), .extent = number};
  return {
      .slice = std::move(where), .extent = number, .first = from.first, .strides = from.strides};
}

}  // namespace warmstart::detail
