#include <fmt/format.h>

#include <set>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "core/checked.hpp"
#include "core/text_table.hpp"

namespace warmstart::cli {
namespace {

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string file_list(const tensor_info& tensor) {
  std::string text;
  for (const std::string& path : tensor.files) text += (text.empty() ? "" : ", ") + file_name(path);
  return text;
}

std::string slice_list(const tensor_info& tensor) {
  constexpr std::size_t MOST = 3;
  std::string text;
  for (std::size_t i = 0; i < tensor.slices.size() && i < MOST; ++i) {
    text += (text.empty() ? "" : " ") + to_string(tensor.slices[i]);
  }
  if (tensor.slices.size() > MOST) text += fmt::format(" ... ({} slices)", tensor.slices.size());
  if (tensor.missing_elements != 0) {
    text += fmt::format(" ({} of {} elements missing)", tensor.missing_elements,
                        tensor.full_shape.element_count());
  }
  return text;
}

std::string type_name(const tensor_info& tensor) {
  return tensor.type == dtype::invalid ? "unknown" : std::string(name_of(tensor.type));
}

nlohmann::ordered_json tensor_json(const tensor_info& tensor) {
  nlohmann::ordered_json json = {{"name", tensor.name},
                                 {"dtype", type_name(tensor)},
                                 {"shape", tensor.full_shape.sizes()},
                                 {"bytes", tensor.size_bytes},
                                 {"files", nlohmann::ordered_json::array()}};
  for (const std::string& path : tensor.files) json["files"].push_back(file_name(path));
  for (const slice& one : tensor.slices) json["slices"].push_back(to_string(one));
  if (tensor.missing_elements != 0) json["missing_elements"] = tensor.missing_elements;
  if (!tensor.refusal.empty()) json["refusal"] = tensor.refusal;
  return json;
}

}  // namespace

int inspect_command(const std::string& path, bool json, std::FILE* out) {
  const checkpoint source = checkpoint::open(path);
  const std::vector<tensor_info> tensors = source.tensors();
  std::int64_t bytes = 0;
  std::set<std::string> files;
  for (const tensor_info& tensor : tensors) {
    bytes = saturating_add(bytes, tensor.size_bytes);
    files.insert(tensor.files.begin(), tensor.files.end());
  }
  if (json) {
    nlohmann::ordered_json answer = {{"path", source.path()},
                                     {"format", source.format()},
                                     {"tensors", nlohmann::ordered_json::array()}};
    for (const tensor_info& tensor : tensors) answer["tensors"].push_back(tensor_json(tensor));
    answer["bytes"] = bytes;
    answer["files"] = files.size();
    write_json(out, answer);
    return EXIT_DONE;
  }
  text_table table({"tensor", "dtype", "shape", "bytes", "file", "slices"}, {3});
  std::string refusals;
  for (const tensor_info& tensor : tensors) {
    table.add({printable(tensor.name), type_name(tensor), to_string(tensor.full_shape),
               fmt::to_string(tensor.size_bytes), printable(file_list(tensor)),
               slice_list(tensor)});
    if (!tensor.refusal.empty()) {
      refusals += fmt::format("{}: {}\n", printable(tensor.name), printable(tensor.refusal));
    }
  }
  write(out, table.str());
  if (!refusals.empty()) write(out, "\ncan not initialize variables:\n" + refusals);
  write(out,
        fmt::format("\n{}: {}, {}, {} bytes in {}\n", printable(source.path()), source.format(),
                    counted(tensors.size(), "tensor"), bytes, counted(files.size(), "file")));
  return EXIT_DONE;
}

}  // namespace warmstart::cli
