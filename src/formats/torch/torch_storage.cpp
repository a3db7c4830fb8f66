#include <fmt/format.h>

#include <optional>

#include "base/checked.hpp"
#include "base/file_problem.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/torch/torch_tensor.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

class storage_reader {
 public:
  storage_reader(const pickle& in, const pickle_value& id, const std::string& where)
      : in_(in), id_(id), where_(where) {}

  // ("storage", class, key, location, number of elements), and a view in legacy files.
  torch_storage read() {
    const pickle_value& tuple = in_[id_.items.front()];
    const auto& items = tuple.items;
    if (tuple.is != pickle_kind::tuple || items.size() < 5 || items.size() > 6 ||
        in_[items[0]].is != pickle_kind::text || in_[items[0]].text != "storage") {
      refuse("a persistent id is not that of a storage");
    }
    const pickle_value& symbol = in_[items[1]];
    const auto type =
        symbol.is == pickle_kind::symbol ? find_torch_storage(symbol.text) : std::nullopt;
    if (!type) refuse("a storage without a class");
    made_.element = *type;
    made_.typed = symbol.text != UNTYPED_STORAGE;
    made_.key = key(in_[items[2]]);
    made_.size_bytes = bytes(in_[items[4]], "its number of elements");
    made_.view_end = made_.size_bytes;
    if (items.size() == 6) read_view(in_[items[5]]);
    return std::move(made_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw error(file_problem(error_code::corrupt, {where_, id_.offset_bytes}, why));
  }

  std::string key(const pickle_value& value) const {
    constexpr std::size_t MAX_BYTES = 256;  // limits the work: many ids can share one key
    if (value.is == pickle_kind::text && value.text.size() <= MAX_BYTES) return value.text;
    if (value.is != pickle_kind::integer) refuse("the key of a storage is not a short text");
    return std::to_string(value.number);
  }

  std::int64_t bytes(const pickle_value& value, const char* what) const {
    const auto made = value.is == pickle_kind::integer && value.number >= 0
                          ? checked_multiply(value.number, made_.element.element_bytes)
                          : std::nullopt;
    if (!made)
      refuse(fmt::format("storage {}: {} is negative, too large or not an integer",
                         in_quotes(made_.key), what));
    return *made;
  }

  // (key of the view, first element, number of elements)
  void read_view(const pickle_value& view) {
    if (view.is == pickle_kind::none) return;
    if (view.is != pickle_kind::tuple || view.items.size() != 3) refuse("a view is not a triple");
    made_.view_begin = bytes(in_[view.items[1]], "the begin of its view");
    const auto end =
        checked_add(made_.view_begin, bytes(in_[view.items[2]], "the size of its view"));
    if (!end || *end > made_.size_bytes) {
      refuse(fmt::format("storage {}: its view ends after its last element", in_quotes(made_.key)));
    }
    made_.view_end = *end;
  }

  const pickle& in_;
  const pickle_value& id_;
  const std::string& where_;
  torch_storage made_;
};

}  // namespace

torch_storage read_torch_storage(const pickle& in, const pickle_value& id,
                                 const std::string& where) {
  return storage_reader(in, id, where).read();
}

}  // namespace warmstart::detail
