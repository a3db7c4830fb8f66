#include "formats/safetensors/header.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/file_problem.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr int MAX_LEVELS = 127;

/// Reads the header while it is parsed: a JSON document would take many times the memory.
///
///     root ── "__metadata__" ── metadata: text → text
///          └─ name ─────────── tensor:   dtype, shape, data_offsets; others are ignored
class header_reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  header_reader(const std::string& where, std::int64_t offset) : where_(where), offset_(offset) {}

  safetensors_header take() { return std::move(made_); }

  bool null() override {
    // `"__metadata__": null` means no metadata.
    if (in_ == place::root && name_ == METADATA) return true;
    return value("null");
  }
  bool boolean(bool /*is*/) override { return value("a boolean"); }
  bool number_integer(number_integer_t /*is*/) override { return value("a negative number"); }
  bool number_float(number_float_t /*is*/, const string_t& text) override { return value(text); }
  bool binary(binary_t& /*is*/) override { return value("binary"); }

  bool number_unsigned(number_unsigned_t number) override {
    if (in_ == place::shape) {
      tensor_.sizes.push_back(number);
    } else if (in_ == place::offsets) {
      offsets_.push_back(number);
    } else {
      return value("a number");
    }
    return true;
  }

  bool string(string_t& text) override {
    if (in_ == place::metadata) {
      made_.metadata[field_] = std::move(text);
    } else if (in_ == place::tensor && field_ == "dtype") {
      tensor_.type = std::move(text);
    } else {
      return value(in_quotes(text));
    }
    return true;
  }

  bool key(string_t& text) override {
    if (in_ == place::ignored) return true;
    const bool fresh =
        in_ == place::root ? names_.insert(text).second : fields_.insert(text).second;
    if (!fresh) refuse(fmt::format("{} occurs twice", in_quotes(text)));
    (in_ == place::root ? name_ : field_) = std::move(text);
    return true;
  }

  bool start_object(std::size_t /*size*/) override {
    deeper();
    switch (in_) {
      case place::outside:
        in_ = place::root;
        return true;
      case place::root:
        in_ = name_ == METADATA ? place::metadata : place::tensor;
        fields_.clear();
        tensor_ = {.name = name_, .type = {}, .sizes = {}};
        return true;
      default:
        return ignore("an object");
    }
  }

  bool end_object() override {
    --depth_;
    if (in_ == place::ignored) {
      leave_ignored();
    } else if (in_ == place::tensor) {
      finish_tensor();
      in_ = place::root;
    } else {
      in_ = in_ == place::metadata ? place::root : place::outside;
    }
    return true;
  }

  bool start_array(std::size_t /*size*/) override {
    deeper();
    if (in_ == place::tensor && field_ == "shape") {
      in_ = place::shape;
    } else if (in_ == place::tensor && field_ == "data_offsets") {
      in_ = place::offsets;
      offsets_.clear();
    } else {
      return ignore("a list");
    }
    return true;
  }

  bool end_array() override {
    --depth_;
    if (in_ == place::ignored) {
      leave_ignored();
      return true;
    }
    if (in_ == place::offsets) {
      if (offsets_.size() != 2) {
        refuse(fmt::format("tensor {}: data_offsets: expected 2 numbers, found {}",
                           in_quotes(name_), offsets_.size()));
      }
      tensor_.begin = offsets_[0];
      tensor_.end = offsets_[1];
    }
    in_ = place::tensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& why) override {
    // The JSON library puts an id in brackets before its text.
    const std::string text = why.what();
    throw error(file_problem(error_code::corrupt,
                             {where_, offset_ + static_cast<std::int64_t>(position)},
                             "the header is not valid JSON: " + text.substr(text.find("] ") + 2)));
  }

 private:
  static constexpr std::string_view METADATA = "__metadata__";

  enum class place { outside, root, metadata, tensor, shape, offsets, ignored };

  [[noreturn]] void refuse(const std::string& why) const {
    throw error(file_problem(error_code::corrupt, {where_}, "header: " + why));
  }

  // A value in the wrong place, or of an unknown field, which is ignored.
  bool value(std::string_view found) {
    if (in_ == place::ignored || (in_ == place::tensor && !is_known_field())) return true;
    refuse_value(found);
  }

  // The same for objects and lists: ignores all that is in them.
  bool ignore(std::string_view found) {
    if (in_ == place::ignored) return true;
    if (in_ != place::tensor || is_known_field()) refuse_value(found);
    in_ = place::ignored;
    ignored_from_ = depth_;
    return true;
  }

  [[noreturn]] void refuse_value(std::string_view found) const {
    switch (in_) {
      case place::outside:
        refuse(fmt::format("expected an object, found {}", found));
      case place::root:
        refuse(fmt::format("{}: expected an object, found {}", in_quotes(name_), found));
      case place::metadata:
        refuse(fmt::format("metadata {}: expected text, found {}", in_quotes(field_), found));
      default:
        refuse(fmt::format("tensor {}: {}: found {}", in_quotes(name_), field_, found));
    }
  }

  [[nodiscard]] bool is_known_field() const {
    return field_ == "dtype" || field_ == "shape" || field_ == "data_offsets";
  }

  void deeper() {
    if (++depth_ > MAX_LEVELS) refuse(fmt::format("more than {} levels deep", MAX_LEVELS));
  }
  void leave_ignored() {
    if (depth_ < ignored_from_) in_ = place::tensor;
  }

  void finish_tensor() {
    for (const char* field : {"dtype", "shape", "data_offsets"}) {
      if (!fields_.contains(field))
        refuse(fmt::format("tensor {}: {} is missing", in_quotes(name_), field));
    }
    made_.tensors.push_back(std::move(tensor_));
  }

  const std::string& where_;
  std::int64_t offset_;
  safetensors_header made_;

  place in_ = place::outside;
  int depth_ = 0;
  int ignored_from_ = 0;
  std::string name_;
  std::string field_;
  std::set<std::string> names_;
  std::set<std::string> fields_;
  safetensors_entry tensor_;
  std::vector<std::uint64_t> offsets_;
};

}  // namespace

safetensors_header parse_safetensors_header(std::string_view text, const std::string& where,
                                            std::int64_t offset) {
  // The JSON library would skip a byte-order mark and stop at a NUL.
  const std::size_t odd = text.starts_with("\xef\xbb\xbf") ? 0 : text.find('\0');
  if (odd != std::string_view::npos) {
    const std::string found = odd == 0 && text[0] != '\0' ? "a byte-order mark" : "a NUL";
    throw error(file_problem(error_code::corrupt, {where, offset + static_cast<std::int64_t>(odd)},
                             "the header is not valid JSON: found " + found));
  }
  header_reader reader(where, offset);
  nlohmann::json::sax_parse(text, &reader);
  return reader.take();
}

}  // namespace warmstart::detail
