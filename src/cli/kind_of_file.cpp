#include "cli/kind_of_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/units.hpp"
#include "io/file.hpp"

namespace warmstart::detail::cli {
namespace {

bool begins_as_job(const std::string& path) {
  std::string start(kibibyte, '\0');
  std::ifstream from(path, std::ios::binary);
  from.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(from.gcount()));
  constexpr std::string_view SPACE_AND_BYTE_ORDER_MARK = " \t\r\n\xef\xbb\xbf";
  const std::size_t first = start.find_first_not_of(SPACE_AND_BYTE_ORDER_MARK);
  return first == std::string::npos || start[first] == '{';
}

// True for paths that cannot be jobs: directories, prefixes, and files that do not begin like a
// job.
bool may_be_checkpoint(const std::string& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (std::filesystem::is_directory(status) || !std::filesystem::exists(status)) return true;
  if (!std::filesystem::is_regular_file(status)) return false;
  return path.ends_with(".index.json") || !begins_as_job(path);
}

bool is_job(const std::string& path) {
  constexpr std::uintmax_t LARGEST = 16 * mebibyte;
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure) ||
      std::filesystem::file_size(path, failure) > LARGEST || !begins_as_job(path)) {
    return false;
  }
  std::ifstream from(path, std::ios::binary);
  const auto document = nlohmann::json::parse(from, nullptr, false);
  return document.is_object() && document.contains("variables");
}

}  // namespace

void refuse_checkpoint(const std::string& path) {
  if (!may_be_checkpoint(path)) return;
  std::string format;
  try {
    format = checkpoint::open(path).format();
  } catch (const error&) {
    return;  // reading it as a job reports the error
  }
  throw error(error_code::invalid_argument,
              path + ": expected a job file, found a checkpoint (" + format +
                  "); a job is JSON that names variables and the checkpoints that initialize "
                  "them. `warmstart inspect` lists a checkpoint's tensors");
}

checkpoint open_checkpoint(const std::string& path, const std::string& format) {
  try {
    return checkpoint::open(path, format);
  } catch (const error&) {
    if (!is_job(path)) throw;
    throw error(error_code::invalid_argument,
                path +
                    ": expected a checkpoint, found a job file, which `warmstart plan` and "
                    "`warmstart run` take");
  }
}

}  // namespace warmstart::detail::cli
