#pragma once

#include <cstdio>
#include <memory>
#include <span>
#include <string>

namespace warmstart::cli {

/// A file that is whole or as it was: bytes go to PATH.part, which becomes PATH when all are there.
/// What is no file, as a directory or /dev/null, is not replaced. All functions throw `io`.
class whole_file {
 public:
  explicit whole_file(std::string path);
  whole_file(const whole_file&) = delete;
  whole_file& operator=(const whole_file&) = delete;
  ~whole_file();  ///< leaves PATH alone, unless `finish` was called

  void write(std::span<const std::byte> bytes);
  void finish();

 private:
  [[noreturn]] void refuse(const char* what) const;

  std::string path_;
  std::string unfinished_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace warmstart::cli
