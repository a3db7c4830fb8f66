#include "formats/sidecar/sidecar.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/file_problem.hpp"
#include "base/strict_json.hpp"
#include "base/units.hpp"
#include "checksum/crc32c.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t MAX_SIDECAR_BYTES = 256 * mebibyte;

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// Covers everything that decides which bytes belong to which element of which tensor.
std::uint32_t crc32c_of_layout(const catalog& of) {
  std::uint32_t crc = 0;
  std::string text;
  for (const catalog_tensor& tensor : of.tensors) {
    text = fmt::format("{}\n{} {} {:d}{:d}{:d}\n", tensor.name, tensor.type_number,
                       to_string(tensor.full_shape), tensor.swapped, tensor.conjugated,
                       tensor.negated);
    for (const stored_piece& piece : tensor.pieces) {
      const extent& bytes = of.extents[piece.extent];
      text +=
          fmt::format("{} {} {} {} {} {}\n", to_string(piece.slice), bytes.file, bytes.offset_bytes,
                      bytes.size_bytes, piece.first, fmt::join(piece.strides, ","));
    }
    crc = crc32c(std::as_bytes(std::span(text)), crc);
  }
  for (const tensor_alias& one : of.aliases) {
    text = fmt::format("{}\n{}\n", one.name, one.tensor);
    crc = crc32c(std::as_bytes(std::span(text)), crc);
  }
  return crc;
}

std::string in_hex(std::uint32_t crc) {
  return fmt::format("{:#010x}", crc);
}

std::optional<std::uint32_t> parse_crc(const nlohmann::json& value) {
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  std::uint32_t crc = 0;
  const char* const end = text.data() + text.size();
  if (text.size() != 10 || !text.starts_with("0x")) return std::nullopt;
  const auto parsed = std::from_chars(text.data() + 2, end, crc, 16);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(crc) : std::nullopt;
}

class sidecar_reader {
 public:
  sidecar_reader(const file_system& files, std::string path, catalog& of)
      : path_(std::move(path)), of_(of) {
    const std::vector<std::byte> bytes = read_whole(files, path_, MAX_SIDECAR_BYTES);
    root_ = parse_strict_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path_,
                              error_code::corrupt);
    for (const char* field : {"files", "crc32c"}) {
      if (!root_.is_object() || !root_.contains(field) || !root_[field].is_object()) {
        throw error(file_problem(error_code::corrupt, {path_},
                                 "expected an object with objects files and crc32c"));
      }
    }
    if (!root_.contains("layout") || !parse_crc(root_["layout"])) {
      throw error(
          file_problem(error_code::corrupt, {path_}, "expected a checksum of the tensors' layout"));
    }
  }

  void use() {
    for (const catalog_file& one : of_.files) check_file(one);
    for (const catalog_tensor& one : of_.tensors) take(one);
    if (root_["crc32c"].size() != of_.tensors.size()) {
      refuse(fmt::format("it lists {} tensors, the checkpoint has {}", root_["crc32c"].size(),
                         of_.tensors.size()));
    }
    const std::uint32_t layout = crc32c_of_layout(of_);
    if (parse_crc(root_["layout"]) != layout) {
      refuse(fmt::format("dtypes, shapes or places of tensors: expected checksum {}, found {}",
                         root_["layout"].get<std::string>(), in_hex(layout)));
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw error(file_problem(
        error_code::corrupt, {path_},
        fmt::format("does not belong to {}: {}; create it again with `warmstart checksum`, or "
                    "remove it",
                    of_.path, why)));
  }

  void check_file(const catalog_file& one) const {
    const std::string name = file_name(one.path);
    const auto known = root_["files"].find(name);
    if (known != root_["files"].end() && *known == one.identity.size_bytes) return;
    refuse(fmt::format("file {}: expected {} bytes, found {}", in_quotes(name),
                       known == root_["files"].end() ? "no such file or" : known->dump(),
                       one.identity.size_bytes));
  }

  void take(const catalog_tensor& tensor) {
    const auto known = root_["crc32c"].find(tensor.name);
    const bool fits = known != root_["crc32c"].end() && known->is_array() &&
                      known->size() == tensor.pieces.size();
    if (!fits) {
      refuse(fmt::format("tensor {}: expected {} checksums", in_quotes(tensor.name),
                         tensor.pieces.size()));
    }
    for (std::size_t i = 0; i < tensor.pieces.size(); ++i) {
      const auto crc = parse_crc((*known)[i]);
      if (!crc) {
        refuse(fmt::format("tensor {}: expected a checksum such as \"0x1a2b3c4d\", found {}",
                           in_quotes(tensor.name), (*known)[i].dump()));
      }
      of_.extents[tensor.pieces[i].extent].checksum = {.kind = checksum_kind::crc32c,
                                                       .value = *crc};
    }
  }

  std::string path_;
  catalog& of_;
  nlohmann::json root_;
};

}  // namespace

std::string sidecar_path(const catalog& of) {
  return of.path + ".crc32c.json";
}

std::string make_sidecar(const catalog& of, std::span<const std::uint32_t> crc32c) {
  nlohmann::ordered_json made = {{"files", nlohmann::ordered_json::object()},
                                 {"layout", in_hex(crc32c_of_layout(of))},
                                 {"crc32c", nlohmann::ordered_json::object()}};
  for (const catalog_file& one : of.files) {
    made["files"][file_name(one.path)] = one.identity.size_bytes;
  }
  for (const catalog_tensor& tensor : of.tensors) {
    auto& list = made["crc32c"][tensor.name] = nlohmann::ordered_json::array();
    for (const stored_piece& piece : tensor.pieces) list.push_back(in_hex(crc32c[piece.extent]));
  }
  return made.dump(1) + '\n';
}

void use_sidecar(const file_system& files, catalog& of) {
  std::string path = sidecar_path(of);
  if (!files.is_regular(path)) return;
  of.metadata.push_back({.path = path, .identity = files.identify(path)});
  sidecar_reader(files, std::move(path), of).use();
}

}  // namespace warmstart::detail
