#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "support/bundle_writer.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail::test {

/// A checkpoint on disk: `a/w` float32[6,4] = 0..23, `a/b` int32[5] = 0..4, `table` float32[64,8]
/// = 0..511, `emb` float32[10,3] = 0..29 in three stored slices, `names` (strings).
class small_model {
 public:
  small_model() { write(); }

  void write(float first = 0) const {
    bundle_writer writer;
    std::vector<float> w = counted<float>(24);
    for (float& value : w) value += first;
    writer.tensor("a/w", dtype::float32, {6, 4}, bytes_of(w));
    writer.tensor("a/b", dtype::int32, {5}, bytes_of(counted<std::int32_t>(5)));
    writer.tensor("table", dtype::float32, {64, 8}, bytes_of(counted<float>(512)));
    const std::string emb = bytes_of(counted<float>(30));
    writer.partitioned("emb", dtype::float32, {10, 3},
                       {{slice::parse("0,4:0,3"), emb.substr(0, 48)},
                        {slice::parse("4,3:0,3"), emb.substr(48, 36)},
                        {slice::parse("7,3:0,3"), emb.substr(84)}});
    auto names = writer.place(dtype::string, {0}, from_hex_empty_strings());
    names.crc = unmask_crc(0x640CC1F6U);
    writer.raw("names", bundle_writer::record(names));
    writer.write(path());
  }

  [[nodiscard]] std::string path() const { return directory_ / "model.ckpt"; }
  [[nodiscard]] std::string data_path() const { return path() + ".data-00000-of-00001"; }

  /// Changes one byte of the data file but not its size.
  void damage(std::size_t offset) const {
    std::string data = read_file(data_path());
    data.at(offset) = static_cast<char>(data[offset] ^ 0x10);
    write_file(data_path(), data);
  }

  [[nodiscard]] const temporary_directory& directory() const { return directory_; }

 private:
  static std::string from_hex_empty_strings() { return "\xd8\xea\x82\xa2"; }

  temporary_directory directory_;
};

/// The elements of a variable on the host.
template <class Number>
std::vector<Number> values_of(const variable& v, std::size_t replica = 0) {
  std::vector<Number> values(static_cast<std::size_t>(v.shape().element_count()));
  if (!values.empty()) {
    std::memcpy(values.data(), v.data(replica), values.size() * sizeof(Number));
  }
  return values;
}

/// Returns the error that a call throws; fails the test if it throws nothing.
template <class Call>
error error_of(Call call) {
  try {
    (void)call();
  } catch (const error& bad) {
    return bad;
  }
  return error(error_code::invalid_argument, "the call threw nothing");
}

}  // namespace warmstart::detail::test
