#include "stored_model.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>
#include <system_error>

#include "base/units.hpp"
#include "checksum/crc32c.hpp"
#include "descriptor.hpp"
#include "support/bundle_writer.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

void write_to_disk(const std::string& path, const unique_descriptor& opened) {
  if (::fsync(opened.get()) != 0) throw_errno(path, "fsync");
}

/// The data file while it is being written.
class noise_file {
 public:
  explicit noise_file(const std::string& path)
      : path_(path), to_(open_or_throw(path, O_WRONLY | O_CREAT | O_TRUNC)) {}

  /// Appends `bytes` bytes of noise and returns their checksum.
  std::uint32_t append(std::int64_t bytes) {
    std::uint32_t crc = 0;
    while (bytes != 0) {
      const auto size = std::min<std::size_t>(static_cast<std::size_t>(bytes), BLOCK_BYTES);
      for (std::uint64_t& word : block_) word = next_word();
      const auto part = std::as_bytes(std::span(block_)).first(size);
      crc = crc32c(part, crc);
      write(part);
      bytes -= static_cast<std::int64_t>(size);
    }
    return crc;
  }

  void finish() { write_to_disk(path_, to_); }

 private:
  static constexpr std::size_t BLOCK_BYTES = std::size_t{1} << 20;

  // The generator splitmix64.
  std::uint64_t next_word() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t done = ::write(to_.get(), bytes.data(), bytes.size());
      if (done < 0) throw_errno(path_, "write");
      bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
  }

  std::string path_;
  unique_descriptor to_;
  std::uint64_t state_ = 0;
  std::vector<std::uint64_t> block_ = std::vector<std::uint64_t>(BLOCK_BYTES / 8);
};

std::string_view safetensors_name(dtype type) {
  if (type == dtype::float32) return "F32";
  if (type == dtype::bfloat16) return "BF16";
  throw error(error_code::unsupported, fmt::format("no measurement has {}", name_of(type)));
}

template <class Append>
void add_records(test::bundle_writer& index, const stored_model& model, Append append) {
  std::int64_t offset = 0;
  for (const stored_tensor& one : model) {
    index.raw(one.name, test::bundle_writer::record({.type = static_cast<std::int64_t>(one.type),
                                                     .sizes = one.shape.sizes(),
                                                     .offset = offset,
                                                     .size = one.size_bytes(),
                                                     .crc = append(one.size_bytes()),
                                                     .slices = {}}));
    offset += one.size_bytes();
  }
}

}  // namespace

std::int64_t size_bytes(const stored_model& model) {
  std::int64_t sum = 0;
  for (const stored_tensor& one : model) sum += one.size_bytes();
  return sum;
}

std::string data_path(const std::string& prefix) {
  return test::bundle_writer().data_path(prefix, 0);
}

void write_model(const std::string& prefix, const stored_model& model) {
  std::error_code absent;
  const auto there = std::filesystem::file_size(data_path(prefix), absent);
  if (!absent && there == static_cast<std::uintmax_t>(size_bytes(model)) &&
      std::filesystem::exists(prefix + ".index")) {
    return;
  }
  test::bundle_writer index;
  noise_file data(data_path(prefix));
  add_records(index, model, [&](std::int64_t bytes) { return data.append(bytes); });
  data.finish();
  test::write_file(prefix + ".index", index.index());
}

std::string write_safetensors(const std::string& prefix, const stored_model& model) {
  std::string path = prefix + ".safetensors";
  std::string header;
  std::int64_t offset = 0;
  for (const stored_tensor& one : model) {
    header += fmt::format(R"({}"{}":{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})",
                          header.empty() ? "{" : ",", one.name, safetensors_name(one.type),
                          to_string(one.shape), offset, offset + one.size_bytes());
    offset += one.size_bytes();
  }
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::uint64_t header_bytes = header.size();
  const auto size_bytes = sizeof(header_bytes) + header_bytes + static_cast<std::uint64_t>(offset);
  std::error_code absent;
  if (std::filesystem::file_size(path, absent) == size_bytes && !absent) return path;
  std::ofstream to(path, std::ios::binary | std::ios::trunc);
  to.write(reinterpret_cast<const char*>(&header_bytes), sizeof(header_bytes));
  to << header;
  // Write large blocks, because small writes leave small folios in the page cache, which are slow
  // to read.
  std::vector<char> block(std::size_t{1} << 20);
  std::ifstream from(data_path(prefix), std::ios::binary);
  while (from.read(block.data(), std::ssize(block)) || from.gcount() != 0) {
    to.write(block.data(), from.gcount());
  }
  if (!to.flush()) throw_errno(path, "write");
  write_to_disk(path, open_or_throw(path, O_WRONLY));
  return path;
}

void write_index(const std::string& prefix, const stored_model& model) {
  test::bundle_writer index;
  add_records(index, model, [](std::int64_t) { return 0U; });
  test::write_file(data_path(prefix), "");
  std::filesystem::resize_file(data_path(prefix), static_cast<std::uintmax_t>(size_bytes(model)));
  test::write_file(prefix + ".index", index.index());
}

}  // namespace warmstart::detail
