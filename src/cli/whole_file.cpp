#include "cli/whole_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "warmstart/error.hpp"

namespace warmstart::cli {

whole_file::whole_file(std::string path)
    : path_(std::move(path)),
      unfinished_(path_ + ".part"),
      file_(nullptr, [](std::FILE* f) { return std::fclose(f); }) {
  std::error_code ignored;
  const auto there = std::filesystem::status(path_, ignored);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    throw error(error_code::io,
                fmt::format("{}: can not be made: it is there, and no file", path_));
  }
  file_.reset(std::fopen(unfinished_.c_str(), "wb"));
  if (!file_) refuse("made");
}

whole_file::~whole_file() {
  if (!file_) return;
  std::error_code ignored;
  std::filesystem::remove(unfinished_, ignored);
}

void whole_file::write(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) refuse("written");
}

void whole_file::finish() {
  if (std::fflush(file_.get()) != 0) refuse("written");
  if (std::rename(unfinished_.c_str(), path_.c_str()) != 0) refuse("made");
  file_.reset();
}

void whole_file::refuse(const char* what) const {
  const int why = errno;
  throw error(error_code::io, fmt::format("{}: can not be {}: {}", path_, what,
                                          std::generic_category().message(why)));
}

}  // namespace warmstart::cli
