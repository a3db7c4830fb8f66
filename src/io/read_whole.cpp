#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/file_problem.hpp"
#include "base/units.hpp"
#include "io/descriptor.hpp"
#include "io/file.hpp"
#include "io/system_calls.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

[[noreturn]] void refuse_size(const std::string& path, const std::string& size,
                              std::int64_t limit_bytes) {
  throw error(file_difference(error_code::unsupported, {path}, "size of the file",
                              {.expected = fmt::format("at most {} bytes", limit_bytes),
                               .found = fmt::format("{}", size)}));
}

}  // namespace

std::vector<std::byte> read_whole(const file_system& files, const std::string& path,
                                  std::int64_t limit_bytes) {
  const auto from = files.open(path, read_mode::buffered);
  const std::int64_t size = from->identity().size_bytes;
  if (size > limit_bytes) refuse_size(path, std::to_string(size), limit_bytes);
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  from->read(0, std::span(bytes));
  return bytes;
}

std::vector<std::byte> read_stream(const std::string& path, std::int64_t limit_bytes) {
  return read_stream(path, limit_bytes, system_calls());
}

std::vector<std::byte> read_stream(const std::string& path, std::int64_t limit_bytes,
                                   const system_calls& calls) {
  std::vector<std::byte> bytes;
  const auto append = [&](std::span<const std::byte> block) {
    bytes.insert(bytes.end(), block.begin(), block.end());
    if (static_cast<std::int64_t>(bytes.size()) > limit_bytes) {
      refuse_size(path, "at least " + std::to_string(bytes.size()), limit_bytes);
    }
    return true;
  };
  visit_stream(path, append, calls);
  return bytes;
}

void visit_stream(const std::string& path,
                  const std::function<bool(std::span<const std::byte>)>& visit) {
  visit_stream(path, visit, system_calls());
}

void visit_stream(const std::string& path,
                  const std::function<bool(std::span<const std::byte>)>& visit,
                  const system_calls& calls) {
  const unique_descriptor descriptor = open_descriptor(calls, path, 0);
  if (!descriptor) refuse_open(path);
  std::array<std::byte, 64 * kibibyte> block;
  for (;;) {
    const ssize_t got = calls.read(descriptor.get(), block);
    if (got == 0) return;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw error(file_problem(error_code::io, {path}, reason(errno)));
    if (!visit(std::span(block).first(static_cast<std::size_t>(got)))) return;
  }
}

}  // namespace warmstart::detail
