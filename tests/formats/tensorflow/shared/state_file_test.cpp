#include "formats/tensorflow/shared/state_file.hpp"

#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

std::string path_in(std::string_view text) {
  return parse_checkpoint_state(text, "checkpoint").model_checkpoint_path;
}

TEST(state_file, reads_what_tensorflow_writes) {
  const checkpoint_state state = parse_checkpoint_state(
      "model_checkpoint_path: \"model.ckpt-46900\"\n"
      "all_model_checkpoint_paths: \"model.ckpt-0\"\n"
      "all_model_checkpoint_paths: \"model.ckpt-46900\"\n"
      "all_model_checkpoint_timestamps: 1.5e+09\n"
      "last_preserved_timestamp: -1\n",
      "checkpoint");
  EXPECT_EQ(state.model_checkpoint_path, "model.ckpt-46900");
  EXPECT_EQ(state.all_model_checkpoint_paths,
            (std::vector<std::string>{"model.ckpt-0", "model.ckpt-46900"}));
}

TEST(state_file, accepts_everything_that_protobuf_accepts) {
  EXPECT_EQ(path_in("model_checkpoint_path: \"a\"\r\n"), "a");
  EXPECT_EQ(path_in("# comment\nmodel_checkpoint_path : 'a' # more"), "a");
  EXPECT_EQ(path_in("model_checkpoint_path:\"a\" 'b'\n\"c\""), "abc");
  EXPECT_EQ(path_in(R"(model_checkpoint_path: "\303\251\x2fq\"\\\n")"), "\xc3\xa9/q\"\\\n");
  EXPECT_EQ(path_in("model_checkpoint_path: \"\xc3\xa9\""), "\xc3\xa9");
  EXPECT_EQ(path_in("model_checkpoint_path: \"a\"; last_preserved_timestamp: 1.5 "
                    "model_checkpoint_path: \"b\""),
            "b");
  EXPECT_EQ(path_in("all_model_checkpoint_paths: [\"x\", \"y\"] model_checkpoint_path: \"b\""),
            "b");
  EXPECT_EQ(path_in(""), "");
}

TEST(state_file, everything_else_is_corrupt) {
  for (const char* text :
       {"model_checkpoint_path", "model_checkpoint_path: a", "model_checkpoint_path: \"a",
        "model_checkpoint_path: \"a\nb\"", "unknown: 1", "\xef\xbb\xbfmodel_checkpoint_path: \"a\"",
        "model_checkpoint_path: \"\\q\"", "model_checkpoint_path: \"\\", "{}",
        "model_checkpoint_path: \"\\400\"", "all_model_checkpoint_paths: [\"x\" \"y\"",
        "last_preserved_timestamp: \"x\""}) {
    try {
      (void)path_in(text);
      FAIL() << text;
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), error_code::corrupt) << text;
      EXPECT_EQ(std::string(bad.what()).rfind("checkpoint, line ", 0), 0U) << bad.what();
    }
  }
}

TEST(state_file, relative_paths_are_joined_to_the_directory) {
  const test::temporary_directory scratch;
  const auto files = system_files();
  EXPECT_EQ(newest_checkpoint_path(*files, scratch.str()), std::nullopt);
  test::write_file(scratch / "checkpoint", "model_checkpoint_path: \"m-1\"");
  EXPECT_EQ(newest_checkpoint_path(*files, scratch.str()), scratch.str() + "/m-1");
  EXPECT_EQ(newest_checkpoint_path(*files, scratch.str() + "/"), scratch.str() + "/m-1");
  test::write_file(scratch / "checkpoint", "model_checkpoint_path: \"/elsewhere/m-1\"");
  EXPECT_EQ(newest_checkpoint_path(*files, scratch.str()), "/elsewhere/m-1");
  test::write_file(scratch / "checkpoint", "");
  EXPECT_THROW((void)newest_checkpoint_path(*files, scratch.str()), error);
}

}  // namespace
}  // namespace warmstart::detail
