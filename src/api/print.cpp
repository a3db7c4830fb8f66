// Assignments, plans and reports as text and JSON.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "base/human_bytes.hpp"
#include "base/printable.hpp"
#include "base/text_table.hpp"
#include "warmstart/init_from_checkpoint.hpp"
#include "warmstart/plan.hpp"
#include "warmstart/run.hpp"

namespace warmstart {

using namespace detail;

namespace {

using nlohmann::ordered_json;

// Names can be any bytes: invalid UTF-8 becomes the replacement character.
std::string dump(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

// The tensor with its transform, and the initializer of the other elements.
std::string with_transform(const loaded_row& row) {
  std::string text = row.tensor;
  if (!row.transform.empty()) text += " (" + row.transform + ')';
  if (!row.initializer.empty()) text += ", the rest " + row.initializer;
  return text;
}

}  // namespace

std::string to_string(const kept_variable& kept) {
  const std::string text = "kept: " + printable(kept.variable);
  if (!kept.reason.empty()) return text + ": " + printable(kept.reason);
  return text + ", whose tensor is not in " + printable(kept.checkpoint);
}

std::string to_string(const ambiguous_name& ambiguous) {
  return fmt::format("ambiguous: {} means {}; other tensors of that name: {}",
                     printable(ambiguous.name), printable(ambiguous.tensor), ambiguous.others);
}

std::string to_string(const unused_tensor& unused) {
  return "unused: " + printable(unused.tensor) + " of " + printable(unused.checkpoint);
}

std::string to_string(const resolved_assignments& resolved) {
  // Omit the column if there are no transforms.
  const bool any = std::any_of(resolved.rows.begin(), resolved.rows.end(),
                               [](const auto& one) { return !one.transform.empty(); });
  std::vector<std::string> columns = {"variable", "part", "device", "tensor", "slice", "bytes"};
  if (any) columns.emplace_back("transform");
  text_table rows(columns, {1, 5});
  for (const resolved_assignment& one : resolved.rows) {
    std::vector<std::string> cells = {
        printable(one.full_name), one.part ? fmt::to_string(*one.part) : "",
        to_string(one.device),    printable(one.tensor),
        to_string(one.slice),     human_bytes(one.size_bytes)};
    if (any) cells.push_back(printable(one.transform));
    rows.add(cells);
  }
  std::string text = rows.str();
  for (const kept_variable& one : resolved.kept) text += to_string(one) + '\n';
  for (const ambiguous_name& one : resolved.ambiguous) text += to_string(one) + '\n';
  return text;
}

std::string to_json(const resolved_assignments& resolved) {
  ordered_json json = {{"checkpoint", resolved.checkpoint},
                       {"assignments", ordered_json::array()},
                       {"kept", ordered_json::array()}};
  for (const kept_variable& one : resolved.kept) {
    json["kept"].push_back({{"variable", one.variable}, {"checkpoint", one.checkpoint}});
    if (!one.reason.empty()) json["kept"].back()["reason"] = one.reason;
  }
  for (const resolved_assignment& one : resolved.rows) {
    json["assignments"].push_back({{"variable", one.full_name},
                                   {"part", one.part ? ordered_json(*one.part) : ordered_json()},
                                   {"device", to_string(one.device)},
                                   {"tensor", one.tensor},
                                   {"slice", to_string(one.slice)},
                                   {"bytes", one.size_bytes}});
    if (!one.transform.empty()) json["assignments"].back()["transform"] = one.transform;
  }
  for (const ambiguous_name& one : resolved.ambiguous) {
    json["ambiguous"].push_back(
        {{"name", one.name}, {"tensor", one.tensor}, {"others", one.others}});
  }
  return dump(json);
}

std::string to_string(const load_plan& plan) {
  text_table files({"file", "reads", "bytes"}, {1, 2});
  for (const load_plan::file& one : plan.files) {
    files.add({printable(one.path), fmt::to_string(one.reads), human_bytes(one.bytes)});
  }
  text_table devices({"device", "variables", "memory", "landed", "copied", "scattered", "converted",
                      "relayed", "filled", "link"},
                     {1, 2, 3, 4, 5, 6, 7, 8, 9});
  for (const load_plan::device_totals& one : plan.devices) {
    devices.add({to_string(one.device), fmt::to_string(one.variables),
                 human_bytes(one.memory_bytes), human_bytes(one.landed_bytes),
                 human_bytes(one.copied_bytes), human_bytes(one.scattered_bytes),
                 human_bytes(one.converted_bytes), human_bytes(one.relayed_bytes),
                 human_bytes(one.filled_bytes), human_bytes(one.link_bytes)});
  }
  std::string between;
  for (const load_plan::link& one : plan.links) {
    between += fmt::format("from {} to {}: {}\n", to_string(one.source), to_string(one.destination),
                           human_bytes(one.bytes));
  }
  return fmt::format(
      "{}\n{}{}\nneeded {}, {} of them without a checksum; read {}{}\n"
      "staging: {} slot{} of {}, {} with mirrors\n",
      files.str(), devices.str(), between, human_bytes(plan.bytes_needed),
      human_bytes(plan.bytes_unchecked), human_bytes(plan.bytes_read),
      plan.direct_reads ? " past the page cache" : "", plan.slot_count,
      plan.slot_count == 1 ? "" : "s", human_bytes(plan.slot_bytes),
      human_bytes(plan.staging_bytes));
}

std::string to_json(const load_plan& plan) {
  ordered_json json;
  json["files"] = ordered_json::array();
  for (const load_plan::file& one : plan.files) {
    json["files"].push_back({{"path", one.path}, {"reads", one.reads}, {"bytes", one.bytes}});
  }
  json["devices"] = ordered_json::array();
  for (const load_plan::device_totals& one : plan.devices) {
    json["devices"].push_back({{"device", to_string(one.device)},
                               {"variables", one.variables},
                               {"memory_bytes", one.memory_bytes},
                               {"landed_bytes", one.landed_bytes},
                               {"copied_bytes", one.copied_bytes},
                               {"scattered_bytes", one.scattered_bytes},
                               {"converted_bytes", one.converted_bytes},
                               {"relayed_bytes", one.relayed_bytes},
                               {"filled_bytes", one.filled_bytes},
                               {"link_bytes", one.link_bytes}});
  }
  json["links"] = ordered_json::array();
  for (const load_plan::link& one : plan.links) {
    json["links"].push_back({{"from", to_string(one.source)},
                             {"to", to_string(one.destination)},
                             {"bytes", one.bytes}});
  }
  json["direct_reads"] = plan.direct_reads;
  json["bytes_needed"] = plan.bytes_needed;
  json["bytes_read"] = plan.bytes_read;
  json["bytes_unchecked"] = plan.bytes_unchecked;
  json["slot_bytes"] = plan.slot_bytes;
  json["slot_count"] = plan.slot_count;
  json["staging_bytes"] = plan.staging_bytes;
  return dump(json);
}

std::string to_string(const load_report& report) {
  text_table rows({"variable", "device", "from", "slice", "checked"}, {});
  for (const loaded_row& row : report.rows) {
    const bool stored = !row.checkpoint.empty();
    rows.add({printable(row.variable), to_string(row.device),
              stored ? printable(with_transform(row)) : row.initializer,
              stored ? to_string(row.slice) : "", stored ? (row.checked ? "yes" : "no") : ""});
  }
  std::string text = rows.str();
  for (const unused_tensor& one : report.unused) text += to_string(one) + '\n';
  for (const kept_variable& one : report.kept) text += to_string(one) + '\n';
  const double rate =
      report.seconds > 0 ? static_cast<double>(report.bytes_read) / report.seconds / 1e9 : 0;
  fmt::format_to(std::back_inserter(text),
                 "needed {}, {} of them not checked, read {} in {:.4f} s ({:.2f} GB/s)\n",
                 human_bytes(report.bytes_needed), human_bytes(report.bytes_unchecked),
                 human_bytes(report.bytes_read), report.seconds, rate);
  return text;
}

}  // namespace warmstart
