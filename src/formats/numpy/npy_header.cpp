#include "formats/numpy/npy_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "base/file_problem.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t MAX_HEADER_BYTES = 10'000;  // NumPy's own limit

std::string read_bytes(const file& from, std::int64_t offset, std::int64_t count,
                       std::int64_t end) {
  if (count > end - offset) {
    throw error(
        file_difference(error_code::corrupt, {from.path(), offset}, "NumPy's header",
                        {.expected = fmt::format("{} bytes", count),
                         .found = fmt::format("{}", std::max<std::int64_t>(end - offset, 0))}));
  }
  std::string bytes(static_cast<std::size_t>(count), '\0');
  from.read(offset, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

}  // namespace

npy_header read_npy_header(const file& from, const file_range& where) {
  constexpr std::int64_t VERSION_END = 8;
  const std::string begin = read_bytes(from, where.begin, VERSION_END, where.end);
  const auto refuse = [&](std::int64_t offset, const std::string& why, error_code code) {
    throw error(file_problem(code, {from.path(), where.begin + offset}, why));
  };
  if (!begin.starts_with(NPY_MAGIC)) {
    refuse(0, "expected NumPy's magic, found " + in_quotes(begin.substr(0, NPY_MAGIC.size())),
           error_code::corrupt);
  }
  const auto major = static_cast<unsigned char>(begin[6]);
  const auto minor = static_cast<unsigned char>(begin[7]);
  if (major < 1 || major > 3 || minor != 0) {
    refuse(6, fmt::format("expected version 1.0, 2.0 or 3.0, found {}.{}", major, minor),
           error_code::unsupported);
  }
  const std::int64_t length_bytes = major == 1 ? 2 : 4;
  const std::string length_text =
      read_bytes(from, where.begin + VERSION_END, length_bytes, where.end);
  std::int64_t length = 0;
  for (std::size_t i = length_text.size(); i-- > 0;) {
    length = length * 256 + static_cast<unsigned char>(length_text[i]);
  }
  if (length > MAX_HEADER_BYTES) {
    refuse(VERSION_END,
           fmt::format("a header of {} bytes: expected at most {}", length, MAX_HEADER_BYTES),
           error_code::corrupt);
  }
  const std::int64_t text_begin = where.begin + VERSION_END + length_bytes;
  const std::string text = read_bytes(from, text_begin, length, where.end);
  npy_header made = parse_npy_header(text, from.path(), text_begin);
  made.data_begin = text_begin + length;
  return made;
}

}  // namespace warmstart::detail
