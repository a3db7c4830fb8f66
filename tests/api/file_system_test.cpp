#include "warmstart/file_system.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/memory_files.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using test::counted;
using test::error_of;
using test::values_of;

/// The files of a small model whose `a/w` begins with `first`, in memory and nowhere else.
std::shared_ptr<test::memory_files> model_in_memory(float first) {
  const test::small_model model;
  model.write(first);
  const auto files = std::make_shared<test::memory_files>();
  for (const auto& one : std::filesystem::directory_iterator(model.directory().str())) {
    const std::string text = test::read_file(one.path().string());
    const auto bytes = std::as_bytes(std::span(text));
    files->put("bucket/" + one.path().filename().string(), {bytes.begin(), bytes.end()});
  }
  return files;
}

TEST(file_system, a_callers_file_system_serves_checkpoints_and_loads) {
  const auto files = model_in_memory(0);
  const auto source = checkpoint::open("bucket/model.ckpt", "", files);
  EXPECT_EQ(source.tensors().size(), 5U);
  EXPECT_EQ(source.read("a/b").bytes.size(), 20U);
  EXPECT_TRUE(source.read_strings("names").empty());
  EXPECT_TRUE(source.verify().damage.empty());
  variable_store vars("cpu:0");
  const auto w = vars.get_variable("w", {6, 4});
  init_from_checkpoint(vars, "bucket/model.ckpt", {{"a/w", w}}, {.files = files});
  EXPECT_EQ(make_plan(vars).files.size(), 1U);
  run_initializers(vars);
  EXPECT_EQ(values_of<float>(w), counted<float>(24));
  EXPECT_TRUE(verify(vars).complete());
  EXPECT_EQ(files->open_files(), 0);
  const auto all = load_checkpoint("bucket/model.ckpt", "cpu:0", {}, files);
  EXPECT_EQ(all.variables.variables().size(), 4U);
}

TEST(file_system, one_load_reads_equal_paths_of_several_file_systems) {
  const auto here = model_in_memory(100);
  const auto there = model_in_memory(200);
  variable_store vars("cpu:0");
  const auto a = vars.get_variable("a", {6, 4});
  const auto b = vars.get_variable("b", {6, 4});
  init_from_checkpoint(vars, "bucket/model.ckpt", {{"a/w", a}}, {.files = here});
  init_from_checkpoint(vars, "bucket/model.ckpt", {{"a/w", b}}, {.files = there});
  const load_report report = run_initializers(vars);
  EXPECT_EQ(report.unused.size(), 8U) << "the other four of each";
  EXPECT_EQ(values_of<float>(a)[0], 100);
  EXPECT_EQ(values_of<float>(b)[0], 200);
  EXPECT_TRUE(verify(vars).complete());
}

TEST(file_system, a_file_that_changes_between_call_and_load_is_noticed) {
  const auto files = model_in_memory(0);
  variable_store vars("cpu:0");
  vars.get_variable("w", {6, 4});
  init_from_checkpoint(vars, "bucket/model.ckpt", {{"a/w", "w"}}, {.files = files});
  const std::string path = "bucket/model.ckpt.data-00000-of-00001";
  files->put(path, std::vector<std::byte>(files->contents(path)));
  EXPECT_EQ(error_of([&] { return run_initializers(vars); }).code(), error_code::io);
}

TEST(file_system, an_open_checkpoint_initializes_without_being_opened_again) {
  const auto files = model_in_memory(0);
  const auto source = checkpoint::open("bucket/model.ckpt", "", files);
  variable_store vars("cpu:0");
  const auto w = vars.get_variable("w", {6, 4});
  const std::int64_t reads_before = files->reads();
  std::vector<std::string> opened;
  files->on_open([&](const std::string& path) { opened.push_back(path); });
  const auto resolved = init_from_checkpoint(vars, source, {{"a/w", w}});
  EXPECT_EQ(resolved.checkpoint, "bucket/model.ckpt");
  EXPECT_EQ(opened, std::vector<std::string>{});
  EXPECT_EQ(files->reads(), reads_before);
  run_initializers(vars);
  EXPECT_EQ(values_of<float>(w), counted<float>(24));
  EXPECT_EQ(opened, std::vector<std::string>{"bucket/model.ckpt.data-00000-of-00001"});
  EXPECT_TRUE(verify(vars).complete());
}

TEST(file_system, an_open_checkpoint_that_changes_before_the_load_is_noticed) {
  const auto files = model_in_memory(0);
  const auto source = checkpoint::open("bucket/model.ckpt", "", files);
  const std::string path = "bucket/model.ckpt.data-00000-of-00001";
  files->put(path, std::vector<std::byte>(files->contents(path)));
  variable_store vars("cpu:0");
  vars.get_variable("w", {6, 4});
  init_from_checkpoint(vars, source, {{"a/w", "w"}});
  EXPECT_EQ(error_of([&] { return run_initializers(vars); }).code(), error_code::io);
}

TEST(file_system, an_open_checkpoint_has_its_format_and_files) {
  const auto files = model_in_memory(0);
  const auto source = checkpoint::open("bucket/model.ckpt", "", files);
  variable_store vars("cpu:0");
  vars.get_variable("w", {6, 4});
  for (const init_options& options :
       {init_options{.format = "tensor_bundle"}, init_options{.files = files}}) {
    const error refused = error_of([&] {
      return init_from_checkpoint(vars, source, {{"a/w", "w"}}, options);
    });
    EXPECT_EQ(refused.code(), error_code::invalid_argument);
    EXPECT_NE(std::string(refused.what()).find("bucket/model.ckpt"), std::string::npos);
  }
}

TEST(file_system, an_absent_file_is_not_looked_for_on_disk) {
  const test::small_model model;
  const auto empty = std::make_shared<test::memory_files>();
  EXPECT_EQ(error_of([&] { return checkpoint::open(model.path(), "", empty); }).code(),
            error_code::not_found);
  variable_store vars("cpu:0");
  vars.get_variable("w", {6, 4});
  init_from_checkpoint(vars, model.path(), {{"a/w", "w"}});
  EXPECT_EQ(error_of([&] {
              return init_from_checkpoint(vars, model.path(), {{"a/w", "w"}}, {.files = empty});
            }).code(),
            error_code::not_found);
}

TEST(file_system, errors_of_reads_name_the_file) {
  const auto files = model_in_memory(0);
  files->forbid_direct("bucket/model.ckpt.data-00000-of-00001");
  variable_store vars("cpu:0");
  vars.get_variable("w", {6, 4});
  init_from_checkpoint(vars, "bucket/model.ckpt", {{"a/w", "w"}}, {.files = files});
  const error refused =
      error_of([&] { return run_initializers(vars, {.io = load_options::io_mode::direct}); });
  EXPECT_EQ(refused.code(), error_code::unsupported);
  files->fail_read(files->reads());
  const error failed = error_of([&] { return run_initializers(vars); });
  EXPECT_EQ(failed.code(), error_code::io);
  EXPECT_NE(std::string(failed.what()).find("bucket/model.ckpt"), std::string::npos);
  run_initializers(vars);
}

}  // namespace
}  // namespace warmstart::detail
