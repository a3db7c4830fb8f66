#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/dcp/dcp_reader.hpp"
#include "formats/registry/file_formats.hpp"
#include "formats/registry/format_names.hpp"
#include "formats/registry/missing_checkpoint.hpp"
#include "formats/registry/open_checkpoint.hpp"
#include "formats/tensorflow/shared/state_file.hpp"
#include "formats/tensorflow/slices/file_set.hpp"
#include "formats/tensorflow/sstable/table_reader.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::string_view SAFETENSORS = "safetensors";
constexpr std::string_view SAFETENSORS_ENDING = ".safetensors";

// For messages: `a, b or c`.
std::string all_formats() {
  std::string text = std::string(TENSOR_BUNDLE) + ", " + std::string(TENSOR_SLICES);
  for (const file_format& one : file_formats()) text += ", " + std::string(one.name);
  return text + " or " + std::string(DCP);
}

void check_format(const std::string& format) {
  if (format.empty() || format == TENSOR_BUNDLE || format == TENSOR_SLICES || format == DCP ||
      find_file_format(format) != nullptr) {
    return;
  }
  throw error(error_code::invalid_argument,
              "checkpoint format '" + format + "' is not known; expected " + all_formats());
}

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

/// Looks for a checkpoint of one format or of any format.
class locator {
 public:
  locator(const file_system& files, const std::string& format) : files_(files), format_(format) {}

  [[nodiscard]] located_checkpoint locate(const std::string& path) const {
    // As in TensorFlow, a directory takes precedence over a bundle with the same name.
    if (files_.is_directory(path)) return locate_in_directory(path);
    if (auto found = locate_prefix(path)) return *found;
    if (auto found = locate_member(path)) return *found;
    if (auto found = locate_dcp_metadata(path)) return *found;
    if (auto found = locate_set(path)) return *found;
    if (auto found = locate_file(path)) return *found;
    if (auto found = locate_slices(path)) return *found;
    throw error(error_code::not_found,
                path + ": no such checkpoint; there is no file or directory of that name" +
                    (wants(TENSOR_BUNDLE) ? ", and no " + path + ".index" : "") +
                    suggest_checkpoints(files_, path));
  }

 private:
  [[nodiscard]] bool wants(std::string_view format) const {
    return format_.empty() || format_ == format;
  }

  [[nodiscard]] std::optional<located_checkpoint> locate_prefix(const std::string& prefix) const {
    if (!wants(TENSOR_BUNDLE) || !files_.is_regular(prefix + ".index")) return std::nullopt;
    return located_checkpoint{.format = std::string(TENSOR_BUNDLE), .path = prefix};
  }

  // PREFIX.index and PREFIX.data-00000-of-00001 mean PREFIX.
  [[nodiscard]] std::optional<located_checkpoint> locate_member(const std::string& path) const {
    if (path.ends_with(".index") && files_.is_regular(path)) {
      return locate_prefix(path.substr(0, path.size() - 6));
    }
    const std::size_t data = path.rfind(".data-");
    if (data != std::string::npos) return locate_prefix(path.substr(0, data));
    return std::nullopt;
  }

  // The index of a set is recognized by its name alone.
  [[nodiscard]] std::optional<located_checkpoint> locate_set(const std::string& path) const {
    for (const file_format& one : file_formats()) {
      if (!wants(one.name) || !one.is_set(path) || !files_.is_regular(path)) continue;
      return located_checkpoint{.format = std::string(one.name), .path = path};
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<located_checkpoint> locate_dcp(const std::string& directory) const {
    if (!wants(DCP) || !files_.is_regular(directory + '/' + DCP_METADATA)) return std::nullopt;
    return located_checkpoint{.format = std::string(DCP), .path = directory};
  }

  // Recognizes a file by its name, or else by its contents.
  [[nodiscard]] std::optional<located_checkpoint> locate_file(const std::string& path) const {
    if (!files_.is_regular(path)) return std::nullopt;
    const auto fits = [&](const auto& is) {
      const auto formats = file_formats();
      const auto found = std::find_if(formats.begin(), formats.end(), [&](const file_format& one) {
        return wants(one.name) && is(one);
      });
      return found == formats.end() ? nullptr : &*found;
    };
    const file_format* found =
        fits([&](const file_format& one) { return !format_.empty() || one.is_file(path); });
    if (found == nullptr) {
      const auto from = files_.open(path, read_mode::buffered);
      found = fits([&](const file_format& one) { return one.recognize(*from); });
    }
    if (found == nullptr) return std::nullopt;
    return located_checkpoint{.format = std::string(found->name), .path = path};
  }

  // PATH/.metadata means PATH.
  [[nodiscard]] std::optional<located_checkpoint> locate_dcp_metadata(
      const std::string& path) const {
    const std::size_t name = path.rfind('/') + 1;
    if (path.substr(name) != DCP_METADATA) return std::nullopt;
    return locate_dcp(name == 0 ? "." : without_trailing_slashes(path.substr(0, name)));
  }

  [[nodiscard]] std::optional<located_checkpoint> locate_slices(const std::string& path) const {
    std::vector<std::string> members = find_slices_files(files_, path);
    if (members.empty()) return std::nullopt;
    for (const std::string& member : members) {
      if (wants(TENSOR_SLICES) && (!format_.empty() || is_v1(member))) continue;
      throw error(error_code::unsupported, member + ": not a checkpoint of " +
                                               (format_.empty() ? "a known format: " + all_formats()
                                                                : "the format " + format_));
    }
    return located_checkpoint{
        .format = std::string(TENSOR_SLICES), .path = path, .members = std::move(members)};
  }

  [[nodiscard]] bool is_v1(const std::string& path) const {
    return is_table(*files_.open(path, read_mode::buffered));
  }

  [[nodiscard]] located_checkpoint locate_in_directory(const std::string& directory) const {
    const std::string base = without_trailing_slashes(directory);
    if (const auto named = newest_checkpoint_path(files_, directory)) {
      if (auto found = locate_prefix(*named)) return *found;
      if (auto found = locate_slices(*named)) return *found;
      throw error(error_code::not_found, directory + ": its checkpoint file names " + *named +
                                             ", but there is no such file, and no " + *named +
                                             ".index");
    }
    if (auto found = locate_prefix(base + "/variables/variables")) return *found;
    if (auto found = locate_dcp(base)) return *found;
    if (auto found = locate_set_in(base)) return *found;
    if (auto found = locate_safetensors_in(base)) return *found;
    refuse_unfinished_dcp(base);
    throw error(error_code::not_found,
                directory +
                    ": no checkpoint in this directory; expected a file `checkpoint` that names "
                    "one, a SavedModel's variables/variables.index, .metadata, "
                    "*.safetensors.index.json, *.bin.index.json or one *.safetensors" +
                    list_checkpoints_in(files_, base));
  }

  [[nodiscard]] std::vector<std::string> names_in(const std::string& directory,
                                                  std::string_view ending) const {
    std::vector<std::string> names = files_.list(directory);
    std::erase_if(names, [&](const std::string& name) { return !name.ends_with(ending); });
    std::sort(names.begin(), names.end());
    return names;
  }

  // If there are several, takes the one with the usual name.
  [[nodiscard]] std::optional<located_checkpoint> locate_set_in(
      const std::string& directory) const {
    for (const file_format& one : file_formats()) {
      if (!wants(one.name) || one.set_ending.empty()) continue;
      const auto names = names_in(directory, one.set_ending);
      const auto usual = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
        const std::string_view stem =
            std::string_view(name).substr(0, name.size() - one.set_ending.size());
        return stem == "model" || stem == "pytorch_model";
      });
      if (usual == names.end() && names.size() != 1) continue;
      return located_checkpoint{
          .format = std::string(one.name),
          .path = directory + '/' + (usual == names.end() ? names.front() : *usual)};
    }
    return std::nullopt;
  }

  // model.safetensors, or the only safetensors file; several files are slices of one checkpoint.
  [[nodiscard]] std::optional<located_checkpoint> locate_safetensors_in(
      const std::string& directory) const {
    if (!wants(SAFETENSORS)) return std::nullopt;
    auto found = names_in(directory, SAFETENSORS_ENDING);
    if (found.empty()) return std::nullopt;
    constexpr auto USUAL = "model.safetensors";
    const bool has_usual = std::find(found.begin(), found.end(), USUAL) != found.end();
    if (!has_usual && found.size() > 1) return located_slices(directory, std::move(found));
    return located_checkpoint{.format = std::string(SAFETENSORS),
                              .path = directory + '/' + (has_usual ? USUAL : found.front())};
  }

  // Explains the files that torch leaves if a save was interrupted or used no collectives.
  void refuse_unfinished_dcp(const std::string& directory) const {
    if (!wants(DCP)) return;
    const auto names = names_in(directory, DCP_METADATA);
    if (!names.empty()) {
      throw error(error_code::unsupported,
                  directory + ": a distributed checkpoint that was saved without collectives (" +
                      names.front() + ") cannot be loaded");
    }
    if (files_.is_regular(directory + "/.metadata.tmp")) {
      throw error(error_code::not_found,
                  directory + ": an incomplete distributed checkpoint: .metadata is missing");
    }
  }

  // Assumes files written by the ranks of one job; the reader checks their metadata.
  [[nodiscard]] static located_checkpoint located_slices(const std::string& directory,
                                                         std::vector<std::string> names) {
    for (std::string& name : names) name = directory + '/' + name;
    return {.format = std::string(SAFETENSORS), .path = directory, .members = std::move(names)};
  }

  const file_system& files_;
  const std::string& format_;
};

}  // namespace

located_checkpoint locate_checkpoint(const file_system& files, const std::string& path,
                                     const std::string& format) {
  check_format(format);
  if (path.empty()) throw error(error_code::not_found, "the path of a checkpoint is empty");
  return locator(files, format).locate(path);
}

}  // namespace warmstart::detail
