#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <set>

#include "base/checked.hpp"
#include "base/human_bytes.hpp"
#include "base/text_table.hpp"
#include "cli/commands.hpp"
#include "cli/kind_of_file.hpp"
#include "cli/output.hpp"
#include "cli/scope_tree.hpp"

namespace warmstart::detail::cli {
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

// The variable or optimizer slot that was saved as this tensor.
std::string origin(const tensor_info& tensor) {
  if (tensor.slot) {
    return fmt::format("slot {} of {}{}", printable(tensor.slot->name),
                       printable(tensor.slot->variable),
                       tensor.slot->optimizer.empty()
                           ? ""
                           : fmt::format(" (optimizer {})", printable(tensor.slot->optimizer)));
  }
  if (tensor.shadowed_by.empty()) return printable(tensor.full_name);
  return fmt::format("{} (shadowed by {})", printable(tensor.full_name),
                     printable(tensor.shadowed_by));
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
  if (!tensor.full_name.empty()) json["full_name"] = tensor.full_name;
  if (!tensor.shadowed_by.empty()) json["shadowed_by"] = tensor.shadowed_by;
  if (tensor.slot) {
    json["slot"] = {{"name", tensor.slot->name},
                    {"variable", tensor.slot->variable},
                    {"optimizer", tensor.slot->optimizer}};
  }
  if (!tensor.refusal.empty()) json["refusal"] = tensor.refusal;
  return json;
}

struct totals {
  std::int64_t bytes = 0;
  std::size_t files = 0;
};

totals sum_of(const std::vector<tensor_info>& tensors) {
  totals sums;
  std::set<std::string> files;
  for (const tensor_info& tensor : tensors) {
    sums.bytes = saturating_add(sums.bytes, tensor.size_bytes);
    files.insert(tensor.files.begin(), tensor.files.end());
  }
  sums.files = files.size();
  return sums;
}

bool is_wanted(const tensor_info& tensor, const std::string& filter) {
  const bool pattern = filter.find_first_of("*?") != std::string::npos;
  const auto fits = [&](const std::string& name) {
    return pattern ? fnmatch(filter.c_str(), name.c_str(), 0) == 0
                   : name.find(filter) != std::string::npos;
  };
  return fits(tensor.name) || (!tensor.full_name.empty() && fits(tensor.full_name));
}

nlohmann::ordered_json list_json(const checkpoint& source, const std::vector<tensor_info>& tensors,
                                 const totals& sums) {
  nlohmann::ordered_json answer = {{"status", "ok"},
                                   {"path", source.path()},
                                   {"format", source.format()},
                                   {"tensors", nlohmann::ordered_json::array()}};
  for (const tensor_info& tensor : tensors) answer["tensors"].push_back(tensor_json(tensor));
  if (!source.missing_names_reason().empty())
    answer["names_missing"] = source.missing_names_reason();
  answer["bytes"] = sums.bytes;
  answer["files"] = sums.files;
  return answer;
}

std::string list_text(const std::vector<tensor_info>& tensors) {
  const bool origins = std::any_of(tensors.begin(), tensors.end(), [](const tensor_info& one) {
    return one.slot || !one.full_name.empty();
  });
  std::vector<std::string> columns = {"tensor", "dtype", "shape", "bytes", "file", "slices"};
  if (origins) columns.insert(columns.begin() + 1, "variable");
  text_table table(std::move(columns), {origins ? 4U : 3U});
  for (const tensor_info& tensor : tensors) {
    std::vector<std::string> row = {printable(tensor.name),       type_name(tensor),
                                    to_string(tensor.full_shape), human_bytes(tensor.size_bytes),
                                    printable(file_list(tensor)), slice_list(tensor)};
    if (origins) row.insert(row.begin() + 1, origin(tensor));
    table.add(std::move(row));
  }
  return table.str();
}

std::string refusals(const std::vector<tensor_info>& tensors) {
  std::string text;
  for (const tensor_info& tensor : tensors) {
    if (tensor.refusal.empty()) continue;
    text += fmt::format("{}: {}\n", printable(tensor.name), printable(tensor.refusal));
  }
  return text.empty() ? text : "\ncannot initialize variables:\n" + text;
}

}  // namespace

int inspect_command(const std::string& path, const std::string& format,
                    const inspect_options& options, bool json, std::FILE* out) {
  const checkpoint source = open_checkpoint(path, format);
  std::vector<tensor_info> tensors = source.tensors();
  std::erase_if(tensors, [&](const tensor_info& one) { return !is_wanted(one, options.filter); });
  const totals sums = sum_of(tensors);
  if (json) {
    write_json(out, list_json(source, tensors, sums));
    return EXIT_DONE;
  }
  write(out, options.tree ? scope_tree(tensors, options.depth) : list_text(tensors));
  if (!source.missing_names_reason().empty()) {
    write(out,
          "\nnames of variables are not known: " + printable(source.missing_names_reason()) + '\n');
  }
  write(out, refusals(tensors));
  write(out, fmt::format("\n{}: {}, {}, {} in {}\n", printable(source.path()), source.format(),
                         counted(tensors.size(), "tensor"), human_bytes(sums.bytes),
                         counted(sums.files, "file")));
  return EXIT_DONE;
}

}  // namespace warmstart::detail::cli
