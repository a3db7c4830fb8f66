#include "formats/numpy/npy_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/bundle_writer.hpp"
#include "support/npy_writer.hpp"
#include "support/reader_test.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::npy_file;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto NPY_PATH = "dir/weights.npy";

class npy_reader : public test::reader_test<read_npy> {
 protected:
  npy_reader() : reader_test(NPY_PATH) {}
};

TEST_F(npy_reader, the_tensor_is_named_after_the_file) {
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
  const catalog made = read(npy_file(header, std::string(24, 'x')));
  ASSERT_EQ(made.tensors.size(), 1U);
  EXPECT_EQ(made.tensors[0].name, "weights");
  EXPECT_EQ(made.tensors[0].type, dtype::float32);
  EXPECT_FALSE(made.tensors[0].swapped);
  EXPECT_EQ(made.tensors[0].full_shape, (shape{2, 3}));
  EXPECT_THAT(made.tensors[0].pieces.at(0).strides, IsEmpty());
  EXPECT_EQ(made.extents.at(0).offset_bytes, static_cast<std::int64_t>(10 + header.size()));
  EXPECT_EQ(made.extents[0].size_bytes, 24);
}

TEST_F(npy_reader, column_major_elements_have_strides) {
  const auto strides_of = [&](const std::string& shape_text) {
    return read(npy_file("{'descr': '>i2', 'fortran_order': True, 'shape': " + shape_text + "}",
                         std::string(100, 'x')))
        .tensors.at(0)
        .pieces.at(0)
        .strides;
  };
  EXPECT_THAT(strides_of("(2, 3, 4)"), ElementsAre(1, 2, 6));
  EXPECT_THAT(strides_of("(7,)"), IsEmpty());
}

TEST_F(npy_reader, other_python_spellings_of_a_header_are_read) {
  for (const char* header :
       {"{u'descr': \"<u8\", 'fortran_order': False, 'shape': (2L,)}",
        "{'shape':(2,),'fortran_order':False,'descr':'u8'}",
        " {\n'shape'\t: ( 2 , ) , 'fortran_order' : False , 'descr' : '=u8' , } \n\n"}) {
    const catalog made = read(npy_file(header, std::string(16, 'x')));
    EXPECT_EQ(made.tensors[0].type, dtype::uint64) << header;
    EXPECT_EQ(made.tensors[0].full_shape, (shape{2})) << header;
  }
  EXPECT_EQ(read(npy_file("{'descr': '|b1', 'fortran_order': False, 'shape': ()}", "x"))
                .tensors[0]
                .full_shape.rank(),
            0);
}

TEST_F(npy_reader, types_that_ml_dtypes_writes_are_recognized) {
  const auto type_of = [&](const std::string& descr) {
    return read(npy_file(descr, "(1,)", "xx")).tensors[0].type;
  };
  EXPECT_EQ(type_of("<V2"), dtype::bfloat16);
  EXPECT_EQ(type_of("<f1"), dtype::float8_e5m2);
  EXPECT_THAT(refusal(npy_file("|V1", "(1,)", "x"), error_code::unsupported),
              HasSubstr("elements of type '|V1' cannot be loaded"));
}

TEST_F(npy_reader, messages_say_what_was_expected) {
  const auto of = [&](const std::string& header) { return refusal(npy_file(header, "")); };
  EXPECT_THAT(of("{'descr': '<f4', 'fortran_order': 1, 'shape': (2,)}"),
              HasSubstr("offset 44: header: expected True or False, found '1, "));
  EXPECT_THAT(of("{'descr': '<f4', 'fortran_order': False, 'shape': (2)}"),
              HasSubstr("expected a tuple"));
  EXPECT_THAT(of("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}"),
              HasSubstr("expected a size, found '-2,"));
  EXPECT_THAT(of("{'descr': '<f4', 'shape': (2,)}"), HasSubstr("a dict with fortran_order"));
  EXPECT_THAT(
      of("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}"),
      HasSubstr("weights.npy, offset 65: elements of float32[2]: expected 8 bytes, found 0"));
  EXPECT_THAT(of("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296,4294967296,0)}"),
              HasSubstr("its shape is larger than any tensor's"));
  EXPECT_THAT(refusal(npy_file("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", ""),
                      error_code::unsupported),
              HasSubstr("elements of type '|O' cannot be loaded"));
}

TEST_F(npy_reader, a_file_truncated_anywhere_is_refused) {
  const std::string whole =
      npy_file("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", std::string(12, 'x'));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    files_.put(NPY_PATH, test::bundle_writer::bytes_of(whole.substr(0, size)));
    EXPECT_THROW((void)read_npy(files_, NPY_PATH), error) << size;
  }
  EXPECT_EQ(read(whole + "more").tensors.size(), 1U);
}

TEST_F(npy_reader, a_flipped_bit_is_refused_or_makes_another_header) {
  const std::string whole =
      npy_file("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", std::string(12, 'x'));
  for (std::size_t bit = 0; bit < 8 * (whole.size() - 12); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    files_.put(NPY_PATH, test::bundle_writer::bytes_of(damaged));
    try {
      const catalog made = read_npy(files_, NPY_PATH);
      for (const extent& one : made.extents) {
        ASSERT_LE(one.offset_bytes + one.size_bytes, static_cast<std::int64_t>(whole.size()));
      }
    } catch (const error&) {
    }
  }
}

TEST_F(npy_reader, is_recognized_by_its_magic) {
  files_.put(NPY_PATH, test::bundle_writer::bytes_of("\x93NUMPY"));
  EXPECT_TRUE(is_npy(*files_.open(NPY_PATH, read_mode::buffered)));
  files_.put(NPY_PATH, test::bundle_writer::bytes_of("\x93NUMP"));
  EXPECT_FALSE(is_npy(*files_.open(NPY_PATH, read_mode::buffered)));
}

}  // namespace
}  // namespace warmstart::detail
