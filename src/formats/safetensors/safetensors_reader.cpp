#include "formats/safetensors/safetensors_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/checked.hpp"
#include "formats/safetensors/header.hpp"
#include "formats/safetensors/types.hpp"
#include "formats/shard_index.hpp"
#include "formats/tensor_refusals.hpp"
#include "warmstart/error.hpp"

namespace warmstart {
namespace {

constexpr std::int64_t LENGTH_BYTES = 8;
constexpr std::uint64_t MOST_HEADER_BYTES = 100'000'000;
constexpr std::size_t MOST_RANK = 254;  // as of TensorFlow's tensors
constexpr int BITS = 8;

[[noreturn]] void refuse_file(const std::string& path, const std::string& why,
                              error_code code = error_code::corrupt) {
  throw error(code, path + ": " + why);
}

/// What is known of a file before its tensors are.
struct opened_header {
  safetensors_header contents;
  std::int64_t data_begin = 0;
  std::int64_t data_bytes = 0;
};

std::uint64_t read_length(const file& from) {
  std::array<std::byte, LENGTH_BYTES> bytes{};
  from.read(0, bytes);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  return length;
}

opened_header read_header(const file& from) {
  const std::string& path = from.path();
  const std::int64_t size = from.identity().size_bytes;
  if (size < LENGTH_BYTES) {
    refuse_file(path,
                fmt::format("expected 8 bytes for the header's length, found a file of {}", size));
  }
  const std::uint64_t length = read_length(from);
  const auto most =
      std::min<std::uint64_t>(MOST_HEADER_BYTES, static_cast<std::uint64_t>(size - LENGTH_BYTES));
  if (length < 2 || length > most) {
    refuse_file(path, fmt::format("offset 0: the header's length: expected 2 to {}, found {}", most,
                                  length));
  }
  std::string text(length, '\0');
  from.read(LENGTH_BYTES, std::as_writable_bytes(std::span(text)));
  const std::int64_t begin = LENGTH_BYTES + static_cast<std::int64_t>(length);
  return {.contents = parse_safetensors_header(text, path, LENGTH_BYTES),
          .data_begin = begin,
          .data_bytes = size - begin};
}

/// Appends what a file holds to a catalog.
class file_reader {
 public:
  file_reader(const file_system& files, const std::string& path, catalog& into)
      : path_(path), into_(into) {
    const auto from = files.open(path, read_mode::buffered);
    into_.files.push_back({.path = path, .identity = from->identity()});
    header_ = read_header(*from);
    check_places();
  }

  [[nodiscard]] const std::map<std::string, std::string>& metadata() const {
    return header_.contents.metadata;
  }

  /// Those for which `wanted(name)`.
  template <class Wanted>
  void add_tensors(Wanted wanted) {
    for (safetensors_entry& one : header_.contents.tensors) {
      if (wanted(one.name)) add(one);
    }
  }

 private:
  [[noreturn]] void refuse_entry(const safetensors_entry& entry, const std::string& why,
                                 error_code code = error_code::corrupt) const {
    throw error({.code = code,
                 .message = fmt::format("{}: tensor {}: {}", path_, quoted(entry.name), why),
                 .variable = {},
                 .tensor = entry.name});
  }

  // No holes, no overlaps, nothing unclaimed, nothing missing (specification 2.2).
  void check_places() const {
    const auto& tensors = header_.contents.tensors;
    std::vector<std::size_t> order(tensors.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::tie(tensors[a].begin, tensors[a].end) <
             std::tie(tensors[b].begin, tensors[b].end);
    });
    std::uint64_t at = 0;
    for (const std::size_t i : order) {
      const safetensors_entry& one = tensors[i];
      if (one.begin != at || one.end < one.begin) {
        refuse_entry(
            one, fmt::format("expected its bytes to begin at {} of the data, found [{}, {})", at,
                             one.begin, one.end));
      }
      at = one.end;
    }
    if (at != static_cast<std::uint64_t>(header_.data_bytes)) {
      refuse_file(path_, fmt::format("offset {}: expected {} bytes of tensors, found {}",
                                     header_.data_begin, at, header_.data_bytes));
    }
  }

  [[nodiscard]] shape shape_of(const safetensors_entry& entry) const {
    if (entry.sizes.size() > MOST_RANK) {
      refuse_entry(entry, fmt::format("rank {} is above {}", entry.sizes.size(), MOST_RANK),
                   error_code::unsupported);
    }
    std::vector<std::int64_t> sizes;
    std::int64_t elements = 1;  // of the dimensions that are not 0
    for (const std::uint64_t size : entry.sizes) {
      const auto product =
          size > INT64_MAX ? std::nullopt
                           : checked_multiply(elements, std::max<std::int64_t>(
                                                            static_cast<std::int64_t>(size), 1));
      if (!product) refuse_entry(entry, "its dimensions are larger than any tensor's");
      elements = *product;
      sizes.push_back(static_cast<std::int64_t>(size));
    }
    return shape(std::move(sizes));
  }

  void check_size(const safetensors_entry& entry, const shape& of, int bits) const {
    const auto all_bits = checked_multiply(of.element_count(), bits);
    if (!all_bits) refuse_entry(entry, "it is larger than any file");
    if (*all_bits % BITS != 0) {
      refuse_entry(entry, fmt::format("{} elements of {} bits are no whole bytes",
                                      of.element_count(), bits));
    }
    const auto expected = static_cast<std::uint64_t>(*all_bits / BITS);
    if (entry.end - entry.begin == expected) return;
    refuse_entry(entry, fmt::format("expected {} bytes for {}{}, found {}", expected, entry.type,
                                    to_string(of), entry.end - entry.begin));
  }

  void add(safetensors_entry& entry) {
    const auto type = find_safetensors_type(entry.type);
    if (!type) {
      refuse_entry(entry, fmt::format("dtype {} is not known", quoted(entry.type)),
                   error_code::unsupported);
    }
    catalog_tensor tensor{.name = std::move(entry.name),
                          .type = type->type,
                          .type_number = static_cast<std::int64_t>(type->type),
                          .full_shape = {}};
    entry.name = tensor.name;
    tensor.full_shape = shape_of(entry);
    check_size(entry, tensor.full_shape, type->bits);
    if (type->bits < BITS) {
      refuse(tensor,
             fmt::format("its elements of {} bits are packed, and can not be unpacked", type->bits),
             error_code::unsupported);
    }
    if (entry.end > entry.begin) {
      tensor.pieces.push_back({.where = slice::all_of(tensor.full_shape),
                               .extent = static_cast<std::uint32_t>(into_.extents.size())});
      into_.extents.push_back(
          {.file = static_cast<std::uint32_t>(into_.files.size() - 1),
           .offset_bytes = header_.data_begin + static_cast<std::int64_t>(entry.begin),
           .size_bytes = static_cast<std::int64_t>(entry.end - entry.begin),
           .checksum = {}});
    }
    into_.tensors.push_back(std::move(tensor));
  }

  const std::string& path_;
  catalog& into_;
  opened_header header_;
};

void sort_tensors(catalog& made) {
  std::sort(made.tensors.begin(), made.tensors.end(),
            [](const catalog_tensor& a, const catalog_tensor& b) { return a.name < b.name; });
}

// Of tied weights one is stored, and metadata say what the other is called (specification 2.5).
void add_aliases(catalog& made, const std::map<std::string, std::string>& metadata) {
  for (const auto& [name, target] : metadata) {
    const catalog_tensor* meant = made.find(target);
    if (meant == nullptr || meant->name != target || made.find(name) != nullptr) continue;
    made.aliases.push_back({.name = name, .tensor = made.index_of(*meant)});
  }
  std::sort(made.aliases.begin(), made.aliases.end(),
            [](const tensor_alias& a, const tensor_alias& b) { return a.name < b.name; });
}

std::string directory_of(const std::string& path) {
  const std::size_t end = path.rfind('/');
  return end == std::string::npos ? "" : path.substr(0, end + 1);
}

}  // namespace

bool is_safetensors(const file& from) {
  const std::int64_t size = from.identity().size_bytes;
  if (size < LENGTH_BYTES + 2) return false;
  const std::uint64_t length = read_length(from);
  if (length < 2 || length > MOST_HEADER_BYTES ||
      length > static_cast<std::uint64_t>(size - LENGTH_BYTES)) {
    return false;
  }
  constexpr std::size_t MOST_SPACE = 4096;
  std::string begin(std::min<std::uint64_t>(length, MOST_SPACE), '\0');
  from.read(LENGTH_BYTES, std::as_writable_bytes(std::span(begin)));
  const std::size_t first = begin.find_first_not_of(" \t\r\n");
  return first != std::string::npos && begin[first] == '{';
}

catalog read_safetensors(const file_system& files, const std::string& path) {
  catalog made;
  made.format = "safetensors";
  made.path = path;
  file_reader reader(files, path, made);
  reader.add_tensors([](const std::string&) { return true; });
  made.metadata = made.files;
  sort_tensors(made);
  add_aliases(made, reader.metadata());
  return made;
}

catalog read_safetensors_set(const file_system& files, const std::string& index_path) {
  catalog made;
  made.format = "safetensors";
  made.path = index_path;
  made.metadata.push_back({.path = index_path, .identity = files.identify(index_path)});
  const shard_index index = read_shard_index(files, index_path);
  std::map<std::string, std::vector<std::string>> tensors_of;
  for (const auto& [tensor, file] : index.file_of) tensors_of[file].push_back(tensor);
  std::map<std::string, std::string> metadata = index.metadata;
  for (const auto& [name, wanted] : tensors_of) {
    const std::string path = directory_of(index_path) + name;
    const std::size_t before = made.tensors.size();
    file_reader reader(files, path, made);
    reader.add_tensors([&](const std::string& tensor) {
      return std::binary_search(wanted.begin(), wanted.end(), tensor);
    });
    metadata.insert(reader.metadata().begin(), reader.metadata().end());
    if (made.tensors.size() - before == wanted.size()) continue;
    for (const std::string& tensor : wanted) {
      const auto found = std::find_if(
          made.tensors.begin() + static_cast<std::ptrdiff_t>(before), made.tensors.end(),
          [&](const catalog_tensor& one) { return one.name == tensor; });
      if (found != made.tensors.end()) continue;
      refuse_file(index_path, fmt::format("tensor {} is not in {}", quoted(tensor), quoted(name)));
    }
  }
  made.metadata.insert(made.metadata.end(), made.files.begin(), made.files.end());
  sort_tensors(made);
  add_aliases(made, metadata);
  return made;
}

}  // namespace warmstart
