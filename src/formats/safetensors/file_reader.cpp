#include "formats/safetensors/file_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "base/checked.hpp"
#include "base/file_problem.hpp"
#include "formats/common/stored_shape.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/safetensors/types.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t LENGTH_BYTES = 8;
constexpr std::uint64_t MAX_HEADER_TEXT_BYTES = 100'000'000;
constexpr int BITS = 8;

[[noreturn]] void refuse_file(const std::string& path, const std::string& why,
                              error_code code = error_code::corrupt) {
  throw error(file_problem(code, {path}, why));
}

std::uint64_t read_length(const file& from) {
  std::array<std::byte, LENGTH_BYTES> bytes{};
  from.read(0, bytes);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  return length;
}

}  // namespace

safetensors_file_reader::safetensors_file_reader(const file_system& files, const std::string& path,
                                                 catalog& into)
    : path_(path), into_(into) {
  const auto from = files.open(path, read_mode::buffered);
  into_.files.push_back({.path = path, .identity = from->identity()});
  const std::int64_t size = from->identity().size_bytes;
  if (size < LENGTH_BYTES) {
    refuse_file(path,
                fmt::format("expected 8 bytes for the header's length, found a file of {}", size));
  }
  const std::uint64_t length = read_length(*from);
  const auto most = std::min<std::uint64_t>(MAX_HEADER_TEXT_BYTES,
                                            static_cast<std::uint64_t>(size - LENGTH_BYTES));
  if (length < 2 || length > most) {
    refuse_file(path, fmt::format("offset 0: the header's length: expected 2 to {}, found {}", most,
                                  length));
  }
  std::string text(length, '\0');
  from->read(LENGTH_BYTES, std::as_writable_bytes(std::span(text)));
  header_ = parse_safetensors_header(text, path, LENGTH_BYTES);
  data_begin_ = LENGTH_BYTES + static_cast<std::int64_t>(length);
  data_bytes_ = size - data_begin_;
  check_places();
}

void safetensors_file_reader::add_tensors(const std::function<bool(const std::string&)>& wanted) {
  for (const safetensors_entry& one : header_.tensors) {
    if (wanted(one.name)) add(one);
  }
}

void safetensors_file_reader::refuse_entry(const safetensors_entry& entry, const std::string& why,
                                           error_code code) const {
  throw error(file_problem(code, {path_}, fmt::format("tensor {}: {}", in_quotes(entry.name), why),
                           entry.name));
}

// The tensors cover the data without holes, overlaps or a rest (specification 2.2).
void safetensors_file_reader::check_places() const {
  const auto& tensors = header_.tensors;
  std::vector<std::size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(tensors[a].begin, tensors[a].end) < std::tie(tensors[b].begin, tensors[b].end);
  });
  std::uint64_t at = 0;
  for (const std::size_t i : order) {
    const safetensors_entry& one = tensors[i];
    if (one.begin != at || one.end < one.begin) {
      refuse_entry(one, fmt::format("expected its bytes to begin at {} of the data, found [{}, {})",
                                    at, one.begin, one.end));
    }
    at = one.end;
  }
  if (at != static_cast<std::uint64_t>(data_bytes_)) {
    refuse_file(path_, fmt::format("offset {}: expected {} bytes of tensors, found {}", data_begin_,
                                   at, data_bytes_));
  }
}

shape safetensors_file_reader::shape_of(const safetensors_entry& entry, int bits) const {
  // `stored_shape` takes whole bytes; some elements are smaller.
  auto made = stored_shape(entry.sizes, static_cast<std::size_t>(std::max(bits / BITS, 1)));
  if (!made) refuse_entry(entry, "its dimensions are larger than any tensor's");
  if (made->rank() > MAX_STORED_RANK) {
    refuse_entry(entry, fmt::format("rank {} is above {}", made->rank(), MAX_STORED_RANK),
                 error_code::unsupported);
  }
  return *std::move(made);
}

void safetensors_file_reader::check_size(const safetensors_entry& entry, const shape& of,
                                         int bits) const {
  const auto all_bits = checked_multiply(of.element_count(), bits);
  if (!all_bits) refuse_entry(entry, "it is larger than any file");
  if (*all_bits % BITS != 0) {
    refuse_entry(entry, fmt::format("{} elements of {} bits do not fill whole bytes",
                                    of.element_count(), bits));
  }
  const auto expected = static_cast<std::uint64_t>(*all_bits / BITS);
  if (entry.end - entry.begin == expected) return;
  refuse_entry(entry, fmt::format("expected {} bytes for {}{}, found {}", expected, entry.type,
                                  to_string(of), entry.end - entry.begin));
}

void safetensors_file_reader::add(const safetensors_entry& entry) {
  const auto type = find_safetensors_type(entry.type);
  if (!type) {
    refuse_entry(entry, fmt::format("dtype {} is not known", in_quotes(entry.type)),
                 error_code::unsupported);
  }
  catalog_tensor tensor{.name = entry.name,
                        .type = type->type,
                        .type_number = static_cast<std::int64_t>(type->type),
                        .full_shape = {}};
  tensor.full_shape = shape_of(entry, type->bits);
  check_size(entry, tensor.full_shape, type->bits);
  if (type->bits < BITS) {
    refuse(tensor,
           fmt::format("its elements of {} bits are packed, and cannot be unpacked", type->bits),
           error_code::unsupported);
  }
  if (entry.end > entry.begin) {
    tensor.pieces.push_back({.slice = slice::all_of(tensor.full_shape),
                             .extent = static_cast<std::uint32_t>(into_.extents.size())});
    into_.extents.push_back({.file = static_cast<std::uint32_t>(into_.files.size() - 1),
                             .offset_bytes = data_begin_ + static_cast<std::int64_t>(entry.begin),
                             .size_bytes = static_cast<std::int64_t>(entry.end - entry.begin),
                             .checksum = {}});
  }
  into_.tensors.push_back(std::move(tensor));
}

bool is_safetensors(const file& from) {
  const std::int64_t size = from.identity().size_bytes;
  if (size < LENGTH_BYTES + 2) return false;
  const std::uint64_t length = read_length(from);
  if (length < 2 || length > MAX_HEADER_TEXT_BYTES ||
      length > static_cast<std::uint64_t>(size - LENGTH_BYTES)) {
    return false;
  }
  constexpr std::size_t MAX_SPACE = 4096;
  std::string begin(std::min<std::uint64_t>(length, MAX_SPACE), '\0');
  from.read(LENGTH_BYTES, std::as_writable_bytes(std::span(begin)));
  const std::size_t first = begin.find_first_not_of(" \t\r\n");
  return first != std::string::npos && begin[first] == '{';
}

}  // namespace warmstart::detail
