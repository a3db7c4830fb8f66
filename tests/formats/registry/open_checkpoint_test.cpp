#include "formats/registry/open_checkpoint.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "formats/golden_vectors.hpp"
#include "support/bundle_writer.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::bundle_writer;
using test::write_file;

class open_checkpoint_test : public testing::Test {
 protected:
  std::string located(const std::string& path, const std::string& format = "") const {
    return locate_checkpoint(*files_, path, format).path;
  }
  error_code refused(const std::string& path, const std::string& format = "") const {
    try {
      (void)located(path, format);
    } catch (const error& bad) {
      return bad.code();
    }
    ADD_FAILURE() << path << " was located";
    return error_code::cancelled;
  }
  std::string write_bundle(const std::string& name) const {
    bundle_writer writer;
    writer.tensor("t", dtype::uint8, {2}, "xy");
    writer.write(scratch_ / name);
    return scratch_ / name;
  }

  test::temporary_directory scratch_;
  std::shared_ptr<const file_system> files_ = system_files();
};

TEST_F(open_checkpoint_test, opens_by_prefix_index_or_data_file) {
  const std::string prefix = write_bundle("model.ckpt-7");
  EXPECT_EQ(located(prefix), prefix);
  EXPECT_EQ(located(prefix + ".index"), prefix);
  EXPECT_EQ(located(prefix + ".data-00000-of-00001"), prefix);
  EXPECT_EQ(located(prefix, "tensor_bundle"), prefix);
}

TEST_F(open_checkpoint_test, opens_a_directory_with_a_state_file) {
  const std::string prefix = write_bundle("model.ckpt-7");
  EXPECT_EQ(refused(scratch_.str()), error_code::not_found);
  write_file(scratch_ / "checkpoint", "model_checkpoint_path: \"model.ckpt-7\"");
  EXPECT_EQ(located(scratch_.str()), prefix);
  write_file(scratch_ / "checkpoint", "model_checkpoint_path: \"model.ckpt-8\"");
  EXPECT_EQ(refused(scratch_.str()), error_code::not_found);
  write_file(scratch_ / "checkpoint", "model_checkpoint_path: 8");
  EXPECT_EQ(refused(scratch_.str()), error_code::corrupt);
}

// TensorFlow, too, follows a state file to any path.
TEST_F(open_checkpoint_test, opens_by_a_state_file_that_points_elsewhere) {
  const std::string outside = write_bundle("other/m");
  write_file(scratch_ / "d/checkpoint", "model_checkpoint_path: \"../other/m\"");
  EXPECT_EQ(located(scratch_ / "d"), scratch_ / "d/../other/m");
  write_file(scratch_ / "d/checkpoint", "model_checkpoint_path: \"" + outside + "\"");
  EXPECT_EQ(located(scratch_ / "d"), outside);
  const auto refusal = [&](const std::string& named, error_code code) -> std::string {
    write_file(scratch_ / "d/checkpoint", "model_checkpoint_path: \"" + named + "\"");
    try {
      return located(scratch_ / "d");
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), code) << bad.what();
      return bad.what();
    }
  };
  EXPECT_EQ(refusal("checkpoint", error_code::unsupported),
            scratch_ / "d/checkpoint" +
                ": not a checkpoint of a known format: tensor_bundle, tensor_slices, "
                "safetensors, torch, npy, npz or dcp");
  for (const std::string directory : {".", "..", "../other", "/"}) {
    const std::string path = directory == "/" ? directory : scratch_ / "d/" + directory;
    EXPECT_EQ(refusal(directory, error_code::not_found),
              scratch_ / "d" + ": its checkpoint file names " + path +
                  ", but there is no such file, and no " + path + ".index");
  }
  (void)write_bundle("d/m");
  EXPECT_EQ(refusal("m\\000-1", error_code::corrupt),
            scratch_ / "d/checkpoint" + ": its path contains a NUL: m\\x00-1");
}

TEST_F(open_checkpoint_test, pipes_are_refused_without_waiting) {
  for (const char* name : {"checkpoint", "m.index", "v1"}) {
    ASSERT_EQ(mkfifo((scratch_ / name).c_str(), 0600), 0);
  }
  for (const char* path : {"", "m", "m.index", "v1"}) {
    EXPECT_EQ(refused(scratch_ / path), error_code::not_found) << path;
  }
  EXPECT_EQ(find_latest_checkpoint(*files_, scratch_.str()), std::nullopt);
}

TEST_F(open_checkpoint_test, opens_a_saved_model_by_its_directory) {
  const std::string prefix = write_bundle("saved/variables/variables");
  EXPECT_EQ(located(scratch_ / "saved"), prefix);
  EXPECT_EQ(located(scratch_ / "saved/"), prefix);
}

TEST_F(open_checkpoint_test, a_directory_takes_precedence_over_a_bundle_of_its_name) {
  (void)write_bundle("model");
  const std::string inner = write_bundle("model/variables/variables");
  EXPECT_EQ(located(scratch_ / "model"), inner);
}

TEST_F(open_checkpoint_test, glob_characters_are_literal) {
  for (const char* name : {"x=[1,2]/ckpt", "a*b", "what?", "back\\slash", "{a,b}", "sp ace"}) {
    const std::string prefix = write_bundle(name);
    EXPECT_EQ(located(prefix), prefix);
  }
  EXPECT_EQ(refused(scratch_ / "a?b"), error_code::not_found);
}

TEST_F(open_checkpoint_test, files_beside_it_do_not_matter) {
  const std::string prefix = write_bundle("m");
  write_file(prefix + ".meta", "graph");
  write_file(prefix + ".data-00000-of-00001.tempstate123", "left over");
  write_file(prefix + "_temp/part-00000-of-00001.index", "left over");
  EXPECT_EQ(located(prefix), prefix);
}

TEST_F(open_checkpoint_test, an_absent_checkpoint_is_named) {
  EXPECT_EQ(refused(scratch_ / "nothing"), error_code::not_found);
  EXPECT_EQ(refused(scratch_ / "nothing.index"), error_code::not_found);
  EXPECT_EQ(refused(""), error_code::not_found);
}

TEST_F(open_checkpoint_test, other_files_are_refused) {
  write_file(scratch_ / "model.pt", "PK");
  EXPECT_EQ(refused(scratch_ / "model.pt"), error_code::unsupported);
  EXPECT_EQ(locate_checkpoint(*files_, scratch_ / "model.pt", "torch").format, "torch");
  EXPECT_EQ(refused(scratch_ / "model.pt", "zip"), error_code::invalid_argument);
}

TEST_F(open_checkpoint_test, a_v1_checkpoint_by_its_file_and_behind_a_bundle_of_its_name) {
  write_file(scratch_ / "v1", test::G3_FILE);
  EXPECT_EQ(locate_checkpoint(*files_, scratch_ / "v1").format, "tensor_slices");
  EXPECT_EQ(refused(scratch_ / "v1", "tensor_bundle"), error_code::unsupported);
  (void)write_bundle("v1");
  EXPECT_EQ(locate_checkpoint(*files_, scratch_ / "v1").format, "tensor_bundle");
  EXPECT_EQ(locate_checkpoint(*files_, scratch_ / "v1", "tensor_slices").format, "tensor_slices");
}

TEST_F(open_checkpoint_test, patterns_match_v1_files_only_where_there_is_no_such_file) {
  write_file(scratch_ / "a/v[1]", test::G3_FILE);
  write_file(scratch_ / "b/v1", test::G3_FILE);
  const auto members = [&](const std::string& path) {
    return locate_checkpoint(*files_, scratch_ / path).members;
  };
  using list = std::vector<std::string>;
  EXPECT_EQ(members("a/v[1]"), list{scratch_ / "a/v[1]"});
  EXPECT_EQ(members("b/v[1]"), list{scratch_ / "b/v1"});
  EXPECT_EQ(members("?/v*"), (list{scratch_ / "a/v[1]", scratch_ / "b/v1"}));
  EXPECT_EQ(refused(scratch_ / "c/v*"), error_code::not_found);
  write_file(scratch_ / "b/v1.meta", "graph");
  EXPECT_EQ(refused(scratch_ / "b/v*"), error_code::unsupported);
}

TEST_F(open_checkpoint_test, latest_checkpoint_is_what_the_state_file_names) {
  EXPECT_EQ(find_latest_checkpoint(*files_, scratch_.str()), std::nullopt);
  const std::string prefix = write_bundle("m-1");
  write_file(scratch_ / "checkpoint", "model_checkpoint_path: \"m-1\"");
  EXPECT_EQ(find_latest_checkpoint(*files_, scratch_.str()), prefix);
  write_file(scratch_ / "checkpoint", "model_checkpoint_path: \"m-2\"");
  EXPECT_EQ(find_latest_checkpoint(*files_, scratch_.str()), std::nullopt);
}

}  // namespace
}  // namespace warmstart::detail
