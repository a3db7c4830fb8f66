#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "warmstart/file_system.hpp"

namespace warmstart::detail {

/// Bytes [begin, end) of a file, as far as a reader is to look.
struct file_range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// The files of the operating system.
[[nodiscard]] std::shared_ptr<const file_system> system_files();

/// All of a file. Throws as `file::read`, and `unsupported` if it is larger than `limit_bytes`.
[[nodiscard]] std::vector<std::byte> read_whole(const file_system& files, const std::string& path,
                                                std::int64_t limit_bytes);

/// Everything that can be read from a path of the system, a pipe's too, for which it waits. Throws
/// `not_found`, `io`, and `unsupported` if there is more than `limit_bytes`.
[[nodiscard]] std::vector<std::byte> read_stream(const std::string& path, std::int64_t limit_bytes);

/// The same, block by block, until `visit` returns false. Throws `not_found` and `io`.
void visit_stream(const std::string& path,
                  const std::function<bool(std::span<const std::byte>)>& visit);

}  // namespace warmstart::detail
