#include "cli/npy.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/file_size_limit.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail::cli {
namespace {

TEST(npy, header_as_numpy_writes_it) {
  const std::string header = npy_header(dtype::float32, {20, 2});
  EXPECT_EQ(header, std::string("\x93NUMPY\x01\x00\x76\x00", 10) +
                        "{'descr': '<f4', 'fortran_order': False, 'shape': (20, 2), }" +
                        std::string(57, ' ') + "\n");
  EXPECT_EQ(header.size() % 64, 0U);
  EXPECT_NE(npy_header(dtype::int64, {}).find("'shape': (), }"), std::string::npos);
  EXPECT_NE(npy_header(dtype::int64, {3}).find("'shape': (3,), }"), std::string::npos);
}

TEST(npy, descriptors) {
  const std::pair<dtype, const char*> cases[] = {
      {dtype::boolean, "'|b1'"},  {dtype::int8, "'|i1'"},    {dtype::uint8, "'|u1'"},
      {dtype::uint16, "'<u2'"},   {dtype::float16, "'<f2'"}, {dtype::complex128, "'<c16'"},
      {dtype::bfloat16, "'|V2'"}, {dtype::qint32, "'<i4'"},  {dtype::float8_e4m3fn, "'|V1'"},
      {dtype::int4, "'|V1'"}};
  for (const auto& [type, expected] : cases) {
    EXPECT_NE(npy_header(type, {1}).find(expected), std::string::npos) << name_of(type);
  }
}

TEST(npy, a_long_header_needs_version_2) {
  const std::string header = npy_header(dtype::int8, shape(std::vector<std::int64_t>(30000, 1)));
  EXPECT_EQ(header[6], 2);
  EXPECT_EQ(header.size() % 64, 0U);
}

TEST(npy, names_become_file_names) {
  EXPECT_EQ(percent_encode("new_scope/v-1.x"), "new_scope%2Fv-1.x");
  EXPECT_EQ(percent_encode("../x"), "%2E.%2Fx");
  EXPECT_EQ(percent_encode("a%b\xff"), "a%25b%FF");
}

TEST(npy, a_file_that_cannot_be_written_is_an_error_and_leaves_the_old_one) {
  const test::temporary_directory scratch;
  const std::string path = scratch / "x.npy";
  const std::vector<std::byte> elements(1 << 16);
  write_npy(path, dtype::int8, {1 << 16}, elements);
  EXPECT_EQ(std::filesystem::file_size(path), (1U << 16U) + 128U);
  const test::file_size_limit limit(4096);
  try {
    write_npy(path, dtype::int8, {1 << 16}, elements);
    ADD_FAILURE() << "written";
  } catch (const error& bad) {
    EXPECT_EQ(bad.code(), error_code::io);
  }
  EXPECT_EQ(std::filesystem::file_size(path), (1U << 16U) + 128U);
}

}  // namespace
}  // namespace warmstart::detail::cli
