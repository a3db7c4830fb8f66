#include "formats/registry/missing_checkpoint.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/bundle_writer.hpp"
#include "support/paths.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/checkpoint.hpp"

namespace warmstart::detail {
namespace {

class missing_checkpoint_test : public testing::Test {
 protected:
  std::string refusal(const std::string& name) const {
    try {
      return checkpoint::open(name.empty() ? scratch_.str() : scratch_ / name).format();
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), error_code::not_found);
      return bad.what();
    }
  }
  void write_bundle(const std::string& name) const {
    test::bundle_writer writer;
    writer.tensor("t", dtype::uint8, {2}, "xy");
    writer.write(scratch_ / name);
  }
  void copy(const std::string& from, const std::string& to) const {
    std::filesystem::copy_file(test::data_path("formats/checkpoints/" + from), scratch_ / to);
  }

  test::temporary_directory scratch_;
};

TEST_F(missing_checkpoint_test, names_that_are_nearly_right_are_suggested) {
  write_bundle("model.ckpt");
  copy("st_basic/model.safetensors", "weights.safetensors");
  EXPECT_TRUE(refusal("model.ckp").ends_with("; did you mean " + (scratch_ / "model.ckpt") + "?"))
      << refusal("model.ckp");
  EXPECT_TRUE(refusal("weigths.safetensors")
                  .ends_with("; did you mean " + (scratch_ / "weights.safetensors") + "?"));
  EXPECT_EQ(refusal("something else").find("did you mean"), std::string::npos);
  EXPECT_EQ(refusal("nowhere/model.ckpt").find("did you mean"), std::string::npos);
}

TEST_F(missing_checkpoint_test, a_directory_is_described_by_its_contents) {
  EXPECT_TRUE(refusal("").ends_with(" or one *.safetensors")) << refusal("");
  test::write_file(scratch_ / "notes.txt", "notes");
  EXPECT_TRUE(refusal("").ends_with(" or one *.safetensors")) << refusal("");
  write_bundle("model.ckpt");
  const std::string open = "; to load from what it holds, open ";
  EXPECT_TRUE(refusal("").ends_with(open + (scratch_ / "model.ckpt"))) << refusal("");
  copy("pt_state_dict/model.pt", "a.pt");
  copy("npz/stored.npz", "b.npz");
  EXPECT_TRUE(refusal("").ends_with(open + (scratch_ / "a.pt") + " or " + (scratch_ / "b.npz") +
                                    " or " + (scratch_ / "model.ckpt")))
      << refusal("");
  for (const char* more : {"c.npz", "d.npz", "e.npz"}) copy("npz/stored.npz", more);
  EXPECT_TRUE(refusal("").ends_with(", or 1 more")) << refusal("");
}

}  // namespace
}  // namespace warmstart::detail
