#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/load_engine.hpp"
#include "formats/registry/open_checkpoint.hpp"
#include "model/assignment.hpp"
#include "model/variable_info.hpp"
#include "plan/transfer_plan.hpp"

namespace warmstart::detail::test {

/// Loads all tensors of a checkpoint by way of any file system: name → bytes.
inline std::map<std::string, std::vector<std::byte>> load_through(
    const file_system& files, const std::string& path, load_engine& engine,
    const plan_options& options = {}) {
  const catalog source = read_catalog(files, locate_checkpoint(files, path));
  std::vector<variable_info> rows;
  std::vector<assignment> assignments;
  std::vector<std::int64_t> row_bytes;
  std::map<std::string, std::vector<std::byte>> memory;
  std::vector<std::byte*> addresses;
  for (const catalog_tensor& tensor : source.tensors) {
    if (!tensor.refusal.reason.empty()) throw error(tensor.refusal.code, tensor.refusal.reason);
    variable_info row;
    row.name = row.full_name = tensor.name;
    row.variable = static_cast<std::uint32_t>(rows.size());
    row.type = tensor.type;
    row.full_shape = tensor.full_shape;
    row.slice = slice::all_of(tensor.full_shape);
    assignments.push_back({.row = row.variable,
                           .checkpoint = 0,
                           .tensor = source.index_of(tensor),
                           .wanted = row.slice});
    row_bytes.push_back(row.size_bytes());
    auto& bytes = memory[tensor.name];
    bytes.resize(static_cast<std::size_t>(row_bytes.back()));
    addresses.push_back(bytes.data());
    rows.push_back(std::move(row));
  }
  const catalog* const catalogs[] = {&source};
  const transfer_plan plan = make_transfer_plan(rows, assignments, catalogs, options);
  engine.on_driver([&] {
    const std::vector<backend*> backends(rows.size(), &engine.backend_of(device::host()));
    (void)engine.load({.plan = &plan,
                       .files = &files,
                       .mode = options.direct_reads ? read_mode::direct : read_mode::buffered,
                       .addresses = addresses,
                       .backends = backends,
                       .row_bytes = row_bytes,
                       .stop = {},
                       .progress = {}});
  });
  return memory;
}

}  // namespace warmstart::detail::test
