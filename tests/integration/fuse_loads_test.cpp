// Loads from a file system whose files have no inode numbers of their own.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "base/units.hpp"
#include "io/file.hpp"
#include "support/fuse_files.hpp"
#include "support/small_model.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {
namespace {

using io = load_options::io_mode;

class loads_from_fuse : public testing::Test {
 protected:
  static constexpr std::int64_t SIZE = 80 * mebibyte;  // enough for `automatic` to have a choice

  // A tensor of `x`, large or of a few bytes.
  void store(std::int64_t size = 1000) {
    size_ = size;
    vars_ = variable_store("cpu:0");
    const std::string header = R"({"t":{"dtype":"U8","shape":[)" + std::to_string(size) +
                               R"(],"data_offsets":[0,)" + std::to_string(size) + "]}}";
    const std::uint64_t header_size = header.size();
    std::string contents(reinterpret_cast<const char*>(&header_size), sizeof(header_size));
    contents += header;
    contents.append(static_cast<std::size_t>(size), 'x');
    files_.put("m.safetensors", std::move(contents));
    v_ = vars_.get_variable("t", {size}, {.type = dtype::uint8});
    init_from_checkpoint(vars_, path_, {{"t", "t"}});
  }
  void run(io how) { run_initializers(vars_, {.io = how}); }
  void expect_loaded() {
    const auto* bytes = static_cast<const char*>(v_->data());
    EXPECT_EQ(std::count(bytes, bytes + size_, 'x'), size_);
  }

  test::fuse_files files_;
  std::string path_ = files_ / "m.safetensors";
  std::int64_t size_ = 0;
  variable_store vars_{"cpu:0"};
  std::optional<variable> v_;
};

TEST_F(loads_from_fuse, a_file_with_another_inode_number_is_the_same_file) {
  store();
  const auto system = system_files();
  EXPECT_TRUE(system->is_remote(path_));
  ASSERT_NE(system->identify(path_).inode, system->identify(path_).inode);
  for (const io how : {io::automatic, io::buffered, io::mapped, io::direct}) {
    init_from_checkpoint(vars_, path_, {{"t", "t"}});
    run(how);
    expect_loaded();
  }
}

TEST_F(loads_from_fuse, a_modified_file_is_refused) {
  store();
  files_.put("m.safetensors", std::string(1072, 'y'));
  const error changed = test::error_of([&] { return run(io::automatic), 0; });
  EXPECT_EQ(changed.code(), error_code::io);
  EXPECT_NE(std::string(changed.what()).find("the file changed since the checkpoint was opened"),
            std::string::npos)
      << changed.what();
}

TEST_F(loads_from_fuse, the_page_cache_state_is_unknown) {
  store();
  EXPECT_EQ(system_files()->cached_share(path_), std::nullopt);
}

TEST_F(loads_from_fuse, automatic_does_not_read_directly) {
  for (const auto how :
       {test::fuse_files::direct_reads::fail_to_open, test::fuse_files::direct_reads::fail}) {
    files_.set_direct_reads(how);
    store(SIZE);
    run(io::automatic);
    expect_loaded();
    EXPECT_EQ(files_.direct_reads_asked(), 0);
  }
  EXPECT_GT(files_.reads(), 0);
}

TEST_F(loads_from_fuse, direct_reads_that_fail_are_unsupported) {
  store();
  for (const auto how :
       {test::fuse_files::direct_reads::fail_to_open, test::fuse_files::direct_reads::fail}) {
    files_.set_direct_reads(how);
    EXPECT_EQ(test::error_of([&] { return run(io::direct), 0; }).code(), error_code::unsupported);
  }
  run(io::buffered);
  expect_loaded();
}

}  // namespace
}  // namespace warmstart::detail
