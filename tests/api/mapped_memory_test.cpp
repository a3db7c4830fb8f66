// Large files in the page cache.

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "support/peak_memory.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t SIZE = 96 * mebibyte;

// A tensor of `x`, in the page cache.
void write_large(const std::string& path) {
  const std::string header = R"({"t":{"dtype":"U8","shape":[)" + std::to_string(SIZE) +
                             R"(],"data_offsets":[0,)" + std::to_string(SIZE) + "]}}";
  std::ofstream to(path, std::ios::binary);
  const std::uint64_t header_size = header.size();
  to.write(reinterpret_cast<const char*>(&header_size), sizeof(header_size));
  to << header;
  const std::string piece(mebibyte, 'x');
  for (std::int64_t at = 0; at < SIZE; at += mebibyte) to << piece;
}

bool has_bus_handler() {
  struct sigaction now {};
  ::sigaction(SIGBUS, nullptr, &now);
  return now.sa_handler != SIG_DFL;
}

// Mapped pages count as memory of the process while they are mapped.
TEST(mapped_memory, leaves_no_pages_of_the_file_mapped) {
  const test::temporary_directory directory;
  const std::string path = directory / "large.safetensors";
  write_large(path);
  variable_store vars("cpu:0");
  const variable v = vars.get_variable("t", {SIZE}, {.type = dtype::uint8});
  init_from_checkpoint(vars, path, {{"t", "t"}});
  [[maybe_unused]] const std::int64_t before = test::peak_memory_bytes();
  run_initializers(vars, {.reader_threads = 2, .io = load_options::io_mode::mapped});
#if !defined(__SANITIZE_THREAD__)  // which keeps several bytes for each one that is touched
  EXPECT_LT(test::peak_memory_bytes() - before, SIZE + 64 * mebibyte);
#endif
  const auto* bytes = static_cast<const char*>(v.data());
  EXPECT_EQ(std::count(bytes, bytes + SIZE, 'x'), SIZE);
}

// The tests of the guard check that the handler exists while a mapping is read.
TEST(mapped_memory, the_signal_handler_exists_only_during_mapped_loads) {
  const test::temporary_directory directory;
  const std::string path = directory / "large.safetensors";
  write_large(path);
  std::signal(SIGBUS, SIG_DFL);  // in place of a sanitizer's
  using io = load_options::io_mode;
  for (const io mode : {io::automatic, io::buffered, io::mapped}) {
    variable_store vars("cpu:0");
    const variable v = vars.get_variable("t", {SIZE}, {.type = dtype::uint8});
    init_from_checkpoint(vars, path, {{"t", "t"}});
    bool seen = false;
    run_initializers(
        vars, {.chunk_bytes = 64 * kibibyte, .io = mode, .progress = [&](const load_progress& at) {
                 seen = seen || (at.bytes_done < at.bytes_total && has_bus_handler());
               }});
    if (mode != io::mapped) {
      EXPECT_FALSE(seen);
    }
    EXPECT_FALSE(has_bus_handler());
  }
}

}  // namespace
}  // namespace warmstart::detail
