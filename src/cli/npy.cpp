#include "cli/npy.hpp"

#include <fmt/format.h>

#include <cctype>

#include "cli/atomic_file.hpp"

namespace warmstart::detail::cli {
namespace {

std::string descriptor(dtype type) {
  const std::size_t size = size_of(type);
  const char order = size == 1 ? '|' : '<';
  switch (type) {
    case dtype::boolean:
      return "|b1";
    case dtype::complex64:
    case dtype::complex128:
      return fmt::format("<c{}", size);
    case dtype::float16:
    case dtype::float32:
    case dtype::float64:
      return fmt::format("<f{}", size);
    case dtype::int8:
    case dtype::int16:
    case dtype::int32:
    case dtype::int64:
    case dtype::qint8:
    case dtype::qint16:
    case dtype::qint32:
      return fmt::format("{}i{}", order, size);
    case dtype::uint8:
    case dtype::uint16:
    case dtype::uint32:
    case dtype::uint64:
    case dtype::quint8:
    case dtype::quint16:
      return fmt::format("{}u{}", order, size);
    default:
      return fmt::format("|V{}", size);
  }
}

}  // namespace

std::string npy_header(dtype type, const shape& of) {
  constexpr std::size_t ALIGNMENT = 64;
  std::string sizes;
  for (const std::int64_t size : of.sizes()) sizes += fmt::format("{}, ", size);
  if (of.rank() > 1) sizes.resize(sizes.size() - 2);
  if (of.rank() == 1) sizes.resize(sizes.size() - 1);
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                 descriptor(type), sizes);
  const bool is_long = text.size() + ALIGNMENT > UINT16_MAX;
  const std::size_t prefix = is_long ? 12 : 10;
  text.append(ALIGNMENT - (prefix + text.size() + 1) % ALIGNMENT, ' ');
  text += '\n';
  std::string header = "\x93NUMPY";
  header += static_cast<char>(is_long ? 2 : 1);
  header += '\0';
  for (std::size_t i = 0; i < prefix - 8; ++i) {
    header += static_cast<char>(text.size() >> (8 * i) & 0xff);
  }
  return header + text;
}

void write_npy(const std::string& path, dtype type, const shape& of,
               std::span<const std::byte> elements) {
  atomic_file file(path);
  const std::string header = npy_header(type, of);
  file.write(std::as_bytes(std::span(header)));
  file.write(elements);
  file.commit();
}

std::string percent_encode(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte < 0x80 && std::isalnum(byte) != 0) || c == '_' || c == '-' ||
                       (c == '.' && !text.empty());
    text += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return text;
}

}  // namespace warmstart::detail::cli
