#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "formats/numpy/npy_reader.hpp"
#include "model/open_file.hpp"
#include "support/bundle_writer.hpp"
#include "support/npy_writer.hpp"
#include "support/reader_test.hpp"
#include "support/zip_writer.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::npy_file;
using test::zip_writer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto NPZ_PATH = "dir/m.npz";

class npz_reader : public test::reader_test<read_npz> {
 protected:
  npz_reader() : reader_test(NPZ_PATH) {}

  using reader_test::read;
  catalog read(const zip_writer& archive) { return read(archive.finish()); }
  // What stands in a tensor's extent.
  std::string data_of(const catalog& made, const std::string& name) {
    const extent& where = made.extents[made.find(name)->pieces.at(0).extent];
    std::string bytes(static_cast<std::size_t>(where.size_bytes), '\0');
    open_file(files_, made.files[where.file], read_mode::buffered)
        ->read(where.offset_bytes, std::as_writable_bytes(std::span(bytes)));
    return bytes;
  }
};

std::uint32_t zip_crc(const std::string& data) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size())));
}

TEST_F(npz_reader, arrays_stored_and_deflated_with_the_archives_checksums) {
  const std::string some = "some bytes..";
  const std::string zeros(100'000, '\0');
  zip_writer archive;
  archive.add("w/b.npy", npy_file("<f4", "(3,)", some))
      .add("notes.txt", "none of ours")
      .add("a.npy", npy_file(">i2", "(5, 10000)", zeros, true), zip_entry::deflated)
      .add("x.npy.npy", npy_file("|u1", "()", "x"), zip_entry::deflated)
      .add("empty.npy", npy_file("<f8", "(0, 3)", ""), zip_entry::deflated);
  const catalog made = read(archive);
  std::vector<std::string> names;
  for (const catalog_tensor& one : made.tensors) {
    EXPECT_THAT(one.refusal.reason, IsEmpty());
    names.push_back(one.name);
  }
  EXPECT_THAT(names, ElementsAre("a", "empty", "w/b", "x.npy"));
  EXPECT_EQ(made.find("w/b")->type, dtype::float32);
  EXPECT_TRUE(made.find("a")->swapped);
  EXPECT_THAT(made.find("a")->pieces.at(0).strides, ElementsAre(1, 5));
  EXPECT_THAT(made.find("empty")->pieces, IsEmpty());
  for (const auto& [name, data] :
       {std::pair<std::string, std::string>{"w/b", some}, {"a", zeros}, {"x.npy", "x"}}) {
    EXPECT_EQ(data_of(made, name), data);
    const stored_checksum& sum = made.extents[made.find(name)->pieces[0].extent].checksum;
    EXPECT_EQ(sum.kind, checksum_kind::crc32);
    EXPECT_EQ(sum.value, zip_crc(data)) << name;
  }
}

TEST_F(npz_reader, bytes_after_an_array_are_covered_by_its_checksum) {
  const catalog made = read(zip_writer().add("a.npy", npy_file("<f4", "(2, 1)", "12345678more")));
  EXPECT_THAT(made.tensors.at(0).pieces.at(0).strides, ElementsAre(1, 1));
  EXPECT_EQ(data_of(made, "a"), "12345678more");
  EXPECT_EQ(made.extents.at(0).checksum.value, zip_crc("12345678more"));
}

TEST_F(npz_reader, an_error_in_one_array_does_not_affect_others) {
  zip_writer archive;
  archive.add("good.npy", npy_file("<f4", "(1,)", "1234"))
      .add("objects.npy", npy_file("|O", "(1,)", "1234"))
      .add("short.npy", npy_file("<f4", "(2,)", "1234"))
      .add("method.npy", npy_file("<f4", "(1,)", "1234"))
      .add("damaged.npy", npy_file("<f4", "(0,)", ""))
      .add("much.npy", npy_file("<f4", "(1,)", "1234"), zip_entry::deflated)
      .add("cut.npy", npy_file("<f4", "(1,)", "1234"), zip_entry::deflated);
  archive.entries[3].method = 12;
  archive.entries[4].crc32 ^= 1;
  archive.entries[5].decoded_bytes = 1'000'000'000'000;
  archive.entries[5].zip64 = true;
  archive.entries[6].bytes.resize(20);
  const catalog made = read(archive);
  const auto refusal = [&](const char* name) { return made.find(name)->refusal; };
  EXPECT_THAT(refusal("good").reason, IsEmpty());
  EXPECT_EQ(refusal("objects").code, error_code::unsupported);
  EXPECT_THAT(refusal("objects").reason, HasSubstr("elements of type '|O' cannot be loaded"));
  EXPECT_EQ(refusal("short").code, error_code::corrupt);
  EXPECT_THAT(refusal("short").reason,
              HasSubstr("elements of float32[2]: expected 8 bytes, found 4"));
  EXPECT_EQ(refusal("method").code, error_code::unsupported);
  EXPECT_THAT(refusal("method").reason, HasSubstr("compressed by method 12"));
  EXPECT_THAT(refusal("damaged").reason, HasSubstr("entry 'damaged.npy': expected crc32 0x"));
  EXPECT_THAT(refusal("much").reason, HasSubstr(" cannot decode to 1000000000000"));
  EXPECT_THAT(refusal("cut").reason,
              HasSubstr("deflated entry 'cut.npy' of 20 bytes: it is cut off"));
}

TEST_F(npz_reader, is_recognized_by_what_is_in_the_archive) {
  const auto is = [&](const std::string& bytes) {
    files_.put(NPZ_PATH, test::bundle_writer::bytes_of(bytes));
    return is_npz(*files_.open(NPZ_PATH, read_mode::buffered));
  };
  EXPECT_TRUE(is(zip_writer().add("a.npy", "").finish()));
  EXPECT_FALSE(is(zip_writer().add("a/data.pkl", "").finish()));
  EXPECT_FALSE(is(zip_writer().finish()));
  EXPECT_FALSE(is("PK"));
  EXPECT_THROW((void)is("PK\x03\x04 and no end that one could find"), error);
}

TEST_F(npz_reader, no_flipped_bit_causes_a_crash) {
  const std::string whole = zip_writer()
                                .add("a.npy", npy_file("<f4", "(3,)", "some bytes.."))
                                .add("b.npy", npy_file("<f4", "(3,)", "same again.."), 8)
                                .finish();
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    try {
      const catalog made = read(damaged);
      for (const catalog_tensor& one : made.tensors) {
        if (!one.pieces.empty()) (void)data_of(made, one.name);
      }
    } catch (const error&) {
    }
  }
}

}  // namespace
}  // namespace warmstart::detail
