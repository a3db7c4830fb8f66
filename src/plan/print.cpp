#include "plan/print.hpp"

#include <fmt/format.h>

#include <iterator>

namespace warmstart::detail {
namespace {

std::string text(const conversion& how) {
  if (how.plain()) return "";
  std::string words = how.swapped && swap_unit(how.from) > 1 ? ", swapped" : "";
  if (how.conjugated) words += ", conjugated";
  if (how.negated) words += ", negated";
  if (how.from != how.to) words += fmt::format(", {} to {}", name_of(how.from), name_of(how.to));
  return words;
}

std::string_view text(copy_route route) {
  switch (route) {
    case copy_route::landed:
      return "land";
    case copy_route::run:
      return "copy";
    case copy_route::scattered:
      return "scatter";
    case copy_route::relayed:
      return "relayed";
  }
  return "";
}

std::string_view text(row_check check) {
  switch (check) {
    case row_check::none:
      return "no";
    case row_check::loaded:
      return "loaded";
    case row_check::stored:
      return "stored";
  }
  return "";
}

}  // namespace

std::string to_text(const transfer_plan& plan, std::span<const variable_info> rows) {
  std::string out;
  const auto to = std::back_inserter(out);
  for (const chunk& one : plan.chunks) {
    fmt::format_to(to, "read {} [{}, {}){}\n", plan.files[one.file].path, one.offset_bytes,
                   one.offset_bytes + one.size_bytes, one.needs_slot ? " slot" : "");
    for (const segment& part : transfer_plan::part(plan.segments, one.segments)) {
      const plan_extent& of = plan.extents[part.extent];
      fmt::format_to(to, "  segment [{}, {}) of {} at {}{}\n", part.begin,
                     part.begin + part.size_bytes, of.tensor, part.extent_bytes,
                     of.is_checked() ? " checked" : "");
    }
    for (const chunk_copy& copy : transfer_plan::part(plan.copies, one.copies)) {
      const demand& wanted = plan.demands[copy.demand];
      std::string loops;
      for (const box_dimension& d : transfer_plan::part(plan.dimensions, copy.dimensions)) {
        loops += fmt::format("{} x ({} -> {}) ", d.count, d.source_stride, d.destination_stride);
      }
      fmt::format_to(to, "  {} {} -> {} +{}: {}{} elements{}\n", text(copy.route),
                     copy.source_bytes, rows[wanted.row].name, copy.destination_bytes, loops,
                     copy.run, text(wanted.conversion));
    }
    for (const upload& to_device : transfer_plan::part(plan.uploads, one.uploads)) {
      fmt::format_to(to, "  upload to {}:", to_string(to_device.device));
      for (const span_range& range : transfer_plan::part(plan.staged, to_device.ranges)) {
        fmt::format_to(to, " [{}, {})", range.begin, range.end);
      }
      fmt::format_to(to, " list {}\n", to_device.list_bytes);
    }
    for (const std::uint32_t number : transfer_plan::part(plan.chunk_relays, one.relays)) {
      fmt::format_to(to, "  contributes to relay {}\n", number);
    }
  }
  for (std::size_t i = 0; i < plan.relays.size(); ++i) {
    const relay& one = plan.relays[i];
    const bool passed_on = one.after != relay::host;
    fmt::format_to(to, "relay {}: {} {} -> {} [{}, {}){}\n", i, rows[one.from].name,
                   to_string(rows[one.from].placed_on), to_string(rows[one.to].placed_on),
                   one.bytes.begin, one.bytes.end,
                   passed_on ? fmt::format(" after {}", one.after) : "");
  }
  for (const gap& one : plan.gaps) {
    fmt::format_to(to, "fill {} {}\n", rows[one.row].name, to_string(one.slice));
  }
  for (std::size_t row = 0; row < rows.size(); ++row) {
    fmt::format_to(to, "check {}: {}\n", rows[row].name, text(plan.row_checks[row]));
  }
  fmt::format_to(to, "needed {} read {} staging {} x {}{}\n", plan.bytes_needed, plan.bytes_read,
                 plan.slot_count, plan.slot_bytes,
                 plan.mirrors.empty() ? ""
                                      : fmt::format(" and {} mirrors{}", plan.mirrors.size(),
                                                    plan.mirror_bytes == plan.slot_bytes
                                                        ? ""
                                                        : fmt::format(" x {}", plan.mirror_bytes)));
  return out;
}

}  // namespace warmstart::detail
