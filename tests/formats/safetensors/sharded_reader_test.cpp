#include "formats/safetensors/sharded_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/registry/open_checkpoint.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "support/safetensors_writer.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::memory_files;
using testing::HasSubstr;

/// Files of slices of `w`, uint8.
class sharded_safetensors : public testing::Test {
 protected:
  /// `offsets`: JSON; empty: a file without sharding info.
  void add(const std::string& sizes, std::size_t bytes, const std::string& offsets,
           const std::string& type = "U8") {
    std::string metadata;
    if (!offsets.empty()) {
      metadata = R"("__metadata__":{"DCP_SHARDING_INFO":"{\"w\":{\"saved_offsets\":)" + offsets +
                 R"(}}"},)";
    }
    const std::string header = "{" + metadata + R"("w":{"dtype":")" + type + R"(","shape":)" +
                               sizes + R"(,"data_offsets":[0,)" + std::to_string(bytes) + "]}}";
    const std::string path = "d/shard-" + std::to_string(members_.size()) + ".safetensors";
    files_.put(path, test::bundle_writer::bytes_of(
                         test::safetensors_file(header, std::string(bytes, 'x'))));
    members_.push_back(path);
  }
  catalog read() { return read_sharded_safetensors(files_, "d", members_); }
  std::string refusal() {
    try {
      (void)read();
    } catch (const error& bad) {
      return std::string(to_string(bad.code())) + ": " + bad.what();
    }
    ADD_FAILURE() << "was accepted";
    return {};
  }

  memory_files files_;
  std::vector<std::string> members_;
};

TEST_F(sharded_safetensors, slices_form_a_tensor) {
  add("[2,3]", 6, "[0,0]");
  add("[2,2]", 4, "[0,3]");
  add("[0,5]", 0, "[2,0]");
  const catalog made = read();
  ASSERT_EQ(made.tensors.size(), 1U);
  EXPECT_EQ(made.tensors[0].full_shape, (shape{2, 5}));
  EXPECT_EQ(made.tensors[0].refusal.reason, "");
  ASSERT_EQ(made.tensors[0].pieces.size(), 2U);
  EXPECT_EQ(to_string(made.tensors[0].pieces[1].slice), "0,2:3,2");
  EXPECT_EQ(made.extents[made.tensors[0].pieces[1].extent].file, 1U);
  EXPECT_EQ(made.files.size(), 3U);
}

TEST_F(sharded_safetensors, a_directory_of_them_is_a_checkpoint) {
  add("[2]", 2, "[0]");
  add("[3]", 3, "[2]");
  const located_checkpoint found = locate_checkpoint(files_, "d");
  EXPECT_EQ(found.format, "safetensors");
  EXPECT_EQ(found.members, members_);
  EXPECT_EQ(read_catalog(files_, found).find("w")->full_shape, (shape{5}));
}

TEST_F(sharded_safetensors, gaps_and_overlaps_refuse_the_tensor) {
  add("[2]", 2, "[0]");
  add("[2]", 2, "[3]");
  EXPECT_THAT(read().tensors[0].refusal.reason, HasSubstr("leave gaps: 1 of 5 elements"));
  add("[2]", 2, "[2]");
  EXPECT_THAT(read().tensors[0].refusal.reason, HasSubstr("overlapping slices"));
}

TEST_F(sharded_safetensors, files_without_slice_offsets_are_refused) {
  add("[2]", 2, "[0]");
  add("[2]", 2, "");
  EXPECT_THAT(
      refusal(),
      HasSubstr("not_found: d: expected one safetensors file or the slices of one checkpoint, "));
}

TEST_F(sharded_safetensors, places_have_to_fit) {
  for (const char* offsets : {"[0,0]", "[]", "[-1]", "[1.0]", "5", "[9223372036854775808]"}) {
    members_.clear();
    add("[2]", 2, offsets);
    EXPECT_THAT(refusal(), HasSubstr("expected saved_offsets, 1 numbers")) << offsets;
  }
  members_.clear();
  add("[2]", 2, "[9223372036854775807]");
  EXPECT_THAT(refusal(), HasSubstr("its slice ends beyond 2^63"));
  members_.clear();
  add("[2,1]", 2, "[4611686018427387904,4611686018427387904]");
  EXPECT_THAT(refusal(), HasSubstr("it is larger than any tensor"));
}

TEST_F(sharded_safetensors, slices_are_of_one_kind) {
  add("[2]", 2, "[0]");
  add("[2]", 2, "[2]", "I8");
  EXPECT_THAT(refusal(), HasSubstr("expected a slice of uint8 of rank 1, found int8[2]"));
  members_.pop_back();
  add("[2,1]", 2, "[2,0]");
  EXPECT_THAT(refusal(), HasSubstr("expected a slice of uint8 of rank 1, found uint8[2,1]"));
}

}  // namespace
}  // namespace warmstart::detail
