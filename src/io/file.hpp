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

/// A byte range of a file: [begin, end).
struct file_range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// The files of the operating system.
[[nodiscard]] std::shared_ptr<const file_system> system_files();

/// Reads a whole file. Throws like `file_system::open` and `file::read`, and `unsupported` if the
/// file is larger than `limit_bytes`.
[[nodiscard]] std::vector<std::byte> read_whole(const file_system& files, const std::string& path,
                                                std::int64_t limit_bytes);

/// Reads a path of the operating system up to its end. The path may be a pipe; the call then blocks
/// until the writer closes it. Throws `not_found`, `io`, and `unsupported` if there are more than
/// `limit_bytes` bytes.
[[nodiscard]] std::vector<std::byte> read_stream(const std::string& path, std::int64_t limit_bytes);

/// The same in blocks, until the end or until `visit` returns false. Throws `not_found` and `io`.
void visit_stream(const std::string& path,
                  const std::function<bool(std::span<const std::byte>)>& visit);

}  // namespace warmstart::detail
