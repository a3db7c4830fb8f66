#include "cli/dump.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "cli/npy.hpp"
#include "warmstart/engine.hpp"
#include "warmstart/error.hpp"
#include "warmstart/read_back.hpp"

namespace warmstart::detail::cli {
namespace {

std::string dump_file_name(const variable& v, const std::vector<device>& devices,
                           std::size_t replica) {
  std::string name = percent_encode(v.name());
  if (devices.size() > 1) name += '.' + percent_encode(to_string(devices[replica]));
  return name + ".npy";
}

std::string row_in_words(const dumped_row& row) {
  return fmt::format("{} on {}", row.variable.name(),
                     to_string(row.variable.devices()[row.replica]));
}

// Replica `a` on cuda:0 and a variable called `a.cuda:0` would share a file.
void refuse_shared_files(const std::vector<dumped_row>& rows) {
  std::map<std::string_view, const dumped_row*> owners;
  std::vector<problem> problems;
  for (const dumped_row& row : rows) {
    const auto [first, fresh] = owners.try_emplace(row.file, &row);
    if (fresh) continue;
    problems.push_back(
        {.code = error_code::invalid_argument,
         .message = fmt::format("cannot dump {} and {} to the same file {}: rename one of them",
                                row_in_words(*first->second), row_in_words(row), row.file),
         .variable = row.variable.name(),
         .tensor = {}});
  }
  if (!problems.empty()) throw error(std::move(problems));
}

}  // namespace

std::vector<dumped_row> plan_dump(const variable_store& store) {
  std::vector<dumped_row> rows;
  for (const variable& whole : store.variables()) {
    for (const variable& part : whole.parts()) {
      const std::vector<device> devices = part.devices();
      for (std::size_t replica = 0; replica < devices.size(); ++replica) {
        rows.push_back(
            {.variable = part, .replica = replica, .file = dump_file_name(part, devices, replica)});
      }
    }
  }
  refuse_shared_files(rows);
  return rows;
}

void make_dump_directory(const std::string& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (!failure && !std::filesystem::is_directory(path, failure)) {
    failure = std::make_error_code(std::errc::not_a_directory);
  }
  if (failure) {
    throw error(error_code::io, fmt::format("{}: cannot be created: {}", path, failure.message()));
  }
}

void write_dump(const std::vector<dumped_row>& rows, const std::string& directory) {
  engine on;
  for (const dumped_row& row : rows) {
    write_npy(directory + '/' + row.file, row.variable.type(), row.variable.shape(),
              read_back(row.variable, row.replica, &on));
  }
}

}  // namespace warmstart::detail::cli
