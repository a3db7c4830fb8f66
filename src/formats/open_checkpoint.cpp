#include "formats/open_checkpoint.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "formats/state_file.hpp"
#include "formats/table/table_reader.hpp"
#include "formats/tensor_bundle/bundle_reader.hpp"
#include "warmstart/error.hpp"

namespace warmstart {
namespace {

constexpr std::string_view TENSOR_BUNDLE = "tensor_bundle";
// Formats that have a name, and no reader.
constexpr std::array<std::string_view, 6> KNOWN_FORMATS = {"tensor_slices", "safetensors", "torch",
                                                           "npy",           "npz",         "dcp"};

void check_format(const std::string& format) {
  if (format.empty() || format == TENSOR_BUNDLE) return;
  const bool known =
      std::find(KNOWN_FORMATS.begin(), KNOWN_FORMATS.end(), format) != KNOWN_FORMATS.end();
  throw error(known ? error_code::unsupported : error_code::invalid_argument,
              "checkpoint format '" + format + "' " +
                  (known ? "can not be read" : "is not known; expected tensor_bundle"));
}

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

std::optional<located_checkpoint> locate_prefix(const file_system& files,
                                                const std::string& prefix) {
  if (!files.is_regular(prefix + ".index")) return std::nullopt;
  return located_checkpoint{.format = std::string(TENSOR_BUNDLE), .path = prefix};
}

// PREFIX.index and PREFIX.data-00000-of-00001 mean PREFIX.
std::optional<located_checkpoint> locate_member(const file_system& files, const std::string& path) {
  if (path.ends_with(".index") && files.is_regular(path)) {
    return locate_prefix(files, path.substr(0, path.size() - 6));
  }
  const std::size_t data = path.rfind(".data-");
  if (data != std::string::npos) return locate_prefix(files, path.substr(0, data));
  return std::nullopt;
}

[[noreturn]] void refuse_file(const file_system& files, const std::string& path) {
  if (is_table(*files.open(path, read_mode::buffered))) {
    throw error(error_code::unsupported,
                path + ": a TensorFlow V1 checkpoint (tensor slices) can not be read");
  }
  throw error(error_code::unsupported, path + ": not a checkpoint of a known format");
}

located_checkpoint locate_in_directory(const file_system& files, const std::string& directory) {
  const std::string base = without_trailing_slashes(directory);
  if (const auto named = newest_checkpoint_path(files, directory)) {
    if (auto found = locate_prefix(files, *named)) return *found;
    if (files.is_regular(*named)) refuse_file(files, *named);
    throw error(error_code::not_found, directory + ": its checkpoint file names " + *named +
                                           ", but there is no " + *named + ".index");
  }
  if (auto found = locate_prefix(files, base + "/variables/variables")) return *found;
  throw error(error_code::not_found,
              directory +
                  ": couldn't find a checkpoint file that names a checkpoint, nor a "
                  "SavedModel's variables/variables.index, in the directory");
}

}  // namespace

located_checkpoint locate_checkpoint(const file_system& files, const std::string& path,
                                     const std::string& format) {
  check_format(format);
  if (path.empty()) throw error(error_code::not_found, "the path of a checkpoint is empty");
  if (files.is_directory(path)) {
    // As TensorFlow, a directory goes before the bundle beside it that has the same name.
    return locate_in_directory(files, path);
  }
  if (auto found = locate_prefix(files, path)) return *found;
  if (auto found = locate_member(files, path)) return *found;
  if (files.is_regular(path)) refuse_file(files, path);
  throw error(error_code::not_found,
              path + ": no such checkpoint; there is no file or directory of that name, and no " +
                  path + ".index");
}

catalog read_catalog(const file_system& files, const located_checkpoint& where) {
  return read_bundle(files, where.path);
}

std::vector<std::string> read_strings(const file_system& files, const catalog& source,
                                      const catalog_tensor& tensor) {
  return read_bundle_strings(files, source, tensor);
}

void verify_encoded(const file_system& files, const catalog& source, const catalog_tensor& tensor) {
  if (tensor.type == dtype::string) {
    check_bundle_strings(files, source, tensor);
  } else if (tensor.type == dtype::variant) {
    check_bundle_variants(files, source, tensor);
  } else {
    throw error({.code = tensor.refusal.code,
                 .message = "tensor " + tensor.name + ": " + tensor.refusal.reason,
                 .variable = {},
                 .tensor = tensor.name});
  }
}

std::optional<std::string> find_latest_checkpoint(const file_system& files,
                                                  const std::string& directory) {
  auto named = newest_checkpoint_path(files, directory);
  if (!named || (!files.is_regular(*named + ".index") && !files.is_regular(*named))) {
    return std::nullopt;
  }
  return named;
}

}  // namespace warmstart
