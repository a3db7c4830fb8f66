// Bytes read back from devices, by `read_back` and by the program's dump.

#include <cudaemu.h>
#include <gtest/gtest.h>

#include "cuda/cuda_model.hpp"
#include "cuda/gpus.hpp"
#include "support/paths.hpp"
#include "support/program.hpp"

namespace warmstart::detail {
namespace {

TEST(read_back, gives_every_replica_of_every_part) {
  const test::cuda_model model;
  variable_store vars = model.make_replicas(test::gpus_around_host());
  run_initializers(vars, test::small_chunks());
  const checkpoint from = checkpoint::open(model.path());
  engine kept;
  for (const variable& part : vars.find("columns")->parts()) {
    const auto expected = from.read("columns", part.info().slice).bytes;
    for (std::size_t replica = 0; replica < part.devices().size(); ++replica) {
      EXPECT_EQ(read_back(part, replica, &kept), expected) << part.name() << ' ' << replica;
    }
  }
}

TEST(read_back, the_program_dumps_what_is_on_devices) {
  if (cudaemu_present() == 0) GTEST_SKIP() << "runs the program on the emulator";
  const test::cuda_model model;
  const test::temporary_directory directory;
  const std::string dump = directory / "dump";
  std::filesystem::create_directory(dump);
  test::write_file(directory / "two.job.json", R"({"variables": [
      {"name": "columns", "shape": [150, 400], "partitions": [1, 2], "devices": ["cuda:0", "cuda:1"]},
      {"name": "odd", "dtype": "uint8", "shape": [7], "replicas": ["cuda:0", "cuda:1"]}],
      "initialize": [{"checkpoint": ")" + model.path() +
                                                   R"(",
                      "assignment_map": {"columns": "columns", "odd": "odd"}}]})");
  const auto result = test::run_program({"/usr/bin/env", "CUDAEMU_DEVICES=2", test::emulated_path(),
                                         "--build", test::build_path(), test::program_path(), "run",
                                         directory / "two.job.json", "--dump", dump});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const checkpoint from = checkpoint::open(model.path());
  const auto ends_with = [&](const std::string& file, const host_buffer& bytes) {
    const std::string text = test::read_file(dump + '/' + file);
    return text.ends_with({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  };
  EXPECT_TRUE(
      ends_with("columns%2Fpart_1.npy", from.read("columns", slice::parse("0,150:200,200")).bytes));
  for (const char* file : {"odd.cuda%3A0.npy", "odd.cuda%3A1.npy"}) {
    EXPECT_TRUE(ends_with(file, from.read("odd").bytes)) << file;
  }
}

}  // namespace
}  // namespace warmstart::detail
