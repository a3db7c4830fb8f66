// Large files that are in memory anyway.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "core/units.hpp"
#include "support/peak_memory.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart {
namespace {

// Their pages are the system's: they count as memory of the process while they are looked at.
TEST(mapped_memory, leaves_no_pages_of_the_file_mapped) {
  constexpr std::int64_t SIZE = 96 * mebibyte;
  const test::temporary_directory directory;
  const std::string path = directory / "large.safetensors";
  const std::string header = R"({"t":{"dtype":"U8","shape":[)" + std::to_string(SIZE) +
                             R"(],"data_offsets":[0,)" + std::to_string(SIZE) + "]}}";
  std::ofstream to(path, std::ios::binary);
  const std::uint64_t header_size = header.size();
  to.write(reinterpret_cast<const char*>(&header_size), sizeof(header_size));
  to << header;
  const std::string piece(mebibyte, 'x');
  for (std::int64_t at = 0; at < SIZE; at += mebibyte) to << piece;
  to.close();

  variable_store vars("cpu:0");
  const variable v = vars.get_variable("t", {SIZE}, {.type = dtype::uint8});
  init_from_checkpoint(vars, path, {{"t", "t"}});
  const std::int64_t before = test::peak_memory_bytes();
  run_initializers(vars, {.reader_threads = 2, .io = load_options::io_mode::mapped});
  EXPECT_LT(test::peak_memory_bytes() - before, SIZE + 64 * mebibyte);
  const auto* bytes = static_cast<const char*>(v.data());
  EXPECT_EQ(std::count(bytes, bytes + SIZE, 'x'), SIZE);
}

}  // namespace
}  // namespace warmstart
