#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/zip/zip_directory.hpp"

namespace warmstart::detail::test {

/// The bytes of a number, least significant first.
inline std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

/// A stream as zip archives have it: without a header.
inline std::string deflated(std::string_view data) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);
  std::string made(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(made.data());
  stream.avail_out = static_cast<uInt>(made.size());
  deflate(&stream, Z_FINISH);
  made.resize(stream.total_out);
  deflateEnd(&stream);
  return made;
}

/// Archives assembled by hand, valid unless a test breaks them. Local headers have no
/// checksums or sizes, as torch writes them.
class zip_writer {
 public:
  struct entry {
    std::string name;
    std::string bytes;  ///< as stored
    int method = zip_entry::stored;
    std::uint64_t decoded_bytes = 0;
    std::uint32_t crc32 = 0;
    unsigned flags = 0;
    bool zip64 = false;  ///< sizes and place are in a field of their own
    std::string padding = {};
  };

  zip_writer& add(const std::string& name, const std::string& data,
                  int method = zip_entry::stored) {
    entries.push_back(
        {.name = name,
         .bytes = method == zip_entry::deflated ? deflated(data) : data,
         .method = method,
         .decoded_bytes = data.size(),
         .crc32 = static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(data.data()),
                                                     static_cast<uInt>(data.size())))});
    return *this;
  }

  [[nodiscard]] std::string finish(const std::string& comment = "", bool zip64 = false) const {
    std::string made;
    std::string directory;
    for (const entry& one : entries) {
      directory += central_header(one, made.size());
      made += "PK\x03\x04" + little_endian(0, 2) + little_endian(one.flags, 2) +
              little_endian(static_cast<unsigned>(one.method), 2) + std::string(16, '\0') +
              little_endian(one.name.size(), 2) + little_endian(one.padding.size(), 2) + one.name +
              one.padding + one.bytes;
    }
    const std::size_t begin = made.size();
    made += directory;
    if (zip64) {
      const std::size_t record = made.size();
      made += "PK\x06\x06" + little_endian(44, 8) + std::string(12, '\0') +
              little_endian(entries.size(), 8) + little_endian(entries.size(), 8) +
              little_endian(directory.size(), 8) + little_endian(begin, 8);
      made += "PK\x06\x07" + little_endian(0, 4) + little_endian(record, 8) + little_endian(1, 4);
    }
    return made + "PK\x05\x06" + std::string(4, '\0') +
           little_endian(zip64 ? 0xffff : entries.size(), 2) +
           little_endian(zip64 ? 0xffff : entries.size(), 2) +
           little_endian(zip64 ? 0xffffffff : directory.size(), 4) +
           little_endian(zip64 ? 0xffffffff : begin, 4) + little_endian(comment.size(), 2) +
           comment;
  }

  std::vector<entry> entries;

 private:
  static std::string central_header(const entry& one, std::size_t offset) {
    constexpr std::uint64_t ELSEWHERE = 0xffffffff;
    const std::string wide = little_endian(one.decoded_bytes, 8) +
                             little_endian(one.bytes.size(), 8) + little_endian(offset, 8);
    const std::string extra = one.zip64 ? little_endian(1, 2) + little_endian(24, 2) + wide : "";
    return "PK\x01\x02" + little_endian(0, 4) + little_endian(one.flags, 2) +
           little_endian(static_cast<unsigned>(one.method), 2) + std::string(4, '\0') +
           little_endian(one.crc32, 4) +
           little_endian(one.zip64 ? ELSEWHERE : one.bytes.size(), 4) +
           little_endian(one.zip64 ? ELSEWHERE : one.decoded_bytes, 4) +
           little_endian(one.name.size(), 2) + little_endian(extra.size(), 2) +
           std::string(10, '\0') + little_endian(one.zip64 ? ELSEWHERE : offset, 4) + one.name +
           extra;
  }
};

}  // namespace warmstart::detail::test
