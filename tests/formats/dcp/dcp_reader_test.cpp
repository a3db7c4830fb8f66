#include "formats/dcp/dcp_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "formats/registry/open_checkpoint.hpp"
#include "support/bundle_writer.hpp"
#include "support/dcp_writer.hpp"
#include "support/memory_files.hpp"
#include "support/paths.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::dcp_writer;
using testing::HasSubstr;

class dcp_reader : public testing::Test {
 protected:
  dcp_reader() {
    data_ = "between" + top_ + bottom_;
    put("__0_0.distcp", data_);
  }
  void put(const std::string& name, const std::string& bytes) {
    files_.put("d/" + name, test::bundle_writer::bytes_of(bytes));
  }
  catalog read(const dcp_writer& writer) {
    put(".metadata", writer.metadata());
    return read_dcp(files_, "d");
  }
  // Of tensor w of 5 rows and 2 columns, in two chunks, once one of them is changed.
  template <class Change>
  tensor_refusal refusal(Change change) {
    std::vector<dcp_writer::chunk> chunks = {above(), below()};
    change(chunks[1]);
    const catalog made = read(dcp_writer().tensor("w", {5, 2}, chunks));
    EXPECT_EQ(made.tensors.size(), 1U);
    return made.tensors.at(0).refusal;
  }
  template <class Change>
  std::string corrupt(Change change) {
    const tensor_refusal found = refusal(change);
    EXPECT_EQ(found.code, error_code::corrupt) << found.reason;
    EXPECT_THAT(found.reason, HasSubstr("d/"));
    return found.reason;
  }
  template <class Read>
  std::string thrown(Read read, error_code code = error_code::corrupt) {
    try {
      (void)read();
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), code) << bad.what();
      return bad.what();
    }
    ADD_FAILURE() << "was accepted";
    return {};
  }

  [[nodiscard]] dcp_writer::chunk above() const {
    return {.offsets = {0, 0}, .sizes = {3, 2}, .offset_bytes = 7, .size_bytes = std::ssize(top_)};
  }
  [[nodiscard]] dcp_writer::chunk below() const {
    return {.offsets = {3, 0},
            .sizes = {2, 2},
            .offset_bytes = 7 + std::ssize(top_),
            .size_bytes = std::ssize(bottom_)};
  }

  std::string top_ = dcp_writer::blob({3, 2}, "0123456789abcdefghijklmn");
  std::string bottom_ = dcp_writer::blob({2, 2}, "ABCDEFGHIJKLMNOP");
  std::string data_;
  test::memory_files files_;
};

TEST_F(dcp_reader, chunks_are_pieces_of_their_tensor) {
  const catalog made = read(dcp_writer().tensor(
      "w", {5, 2}, {below(), {.offsets = {5, 0}, .sizes = {0, 2}, .placed = false}, above()}));
  EXPECT_EQ(made.format, "dcp");
  EXPECT_EQ(made.path, "d");
  ASSERT_EQ(made.tensors.size(), 1U);
  const catalog_tensor& tensor = made.tensors[0];
  EXPECT_EQ(tensor.refusal.reason, "");
  EXPECT_EQ(tensor.type, dtype::float32);
  EXPECT_EQ(tensor.full_shape, (shape{5, 2}));
  ASSERT_EQ(tensor.pieces.size(), 2U);
  for (const stored_piece& piece : tensor.pieces) {
    const extent& place = made.extents.at(piece.extent);
    const bool is_top = piece.slice[0].start == 0;
    EXPECT_EQ(place.checksum.kind, checksum_kind::crc32);
    EXPECT_EQ(data_.substr(static_cast<std::size_t>(place.offset_bytes),
                           static_cast<std::size_t>(place.size_bytes)),
              is_top ? "0123456789abcdefghijklmn" : "ABCDEFGHIJKLMNOP");
  }
}

TEST_F(dcp_reader, chunk_geometry_must_fit_the_tensor) {
  EXPECT_THAT(corrupt([](auto& one) { one.offsets = {2, 0}; }), HasSubstr("overlap"));
  EXPECT_THAT(corrupt([](auto& one) { one.sizes = {1, 2}; }), HasSubstr("leave gaps: 2 of 10"));
  EXPECT_THAT(corrupt([](auto& one) { one.offsets = {4, 0}; }), HasSubstr("within [5,2]"));
  EXPECT_THAT(corrupt([](auto& one) { one.offsets = {-1, 0}; }), HasSubstr("within [5,2]"));
  EXPECT_THAT(corrupt([](auto& one) { one.sizes = {-2, 2}; }), HasSubstr("within [5,2]"));
  EXPECT_THAT(corrupt([](auto& one) { one.sizes = {2}; }), HasSubstr("within [5,2]"));
  EXPECT_THAT(corrupt([](auto& one) { one.offsets = {INT64_MAX, 0}; }), HasSubstr("within [5,2]"));
  EXPECT_THAT(corrupt([](auto& one) { one.placed = false; }), HasSubstr("is missing"));
  const catalog huge = read(dcp_writer().tensor("w", {INT64_MAX, INT64_MAX}, {above()}));
  EXPECT_THAT(huge.tensors.at(0).refusal.reason, HasSubstr("dimensions"));
}

TEST_F(dcp_reader, chunk_ranges_must_lie_in_their_files) {
  EXPECT_THAT(corrupt([](auto& one) { one.offset_bytes += 1; }), HasSubstr("in a file of"));
  EXPECT_THAT(corrupt([](auto& one) { one.offset_bytes = -1; }), HasSubstr("in a file of"));
  EXPECT_THAT(corrupt([](auto& one) { one.size_bytes = INT64_MAX; }), HasSubstr("in a file of"));
  EXPECT_THAT(corrupt([](auto& one) { one.size_bytes -= 1; }), HasSubstr("end record"));
  for (const char* path : {"../d/__0_0.distcp", "/d/__0_0.distcp", "..", "", "a\\b"}) {
    EXPECT_THAT(corrupt([&](auto& one) { one.file = path; }), HasSubstr("same directory"));
  }
  EXPECT_EQ(refusal([](auto& one) { one.file = "__7_0.distcp"; }).code, error_code::not_found);
  const tensor_refusal transformed =
      refusal([](auto& one) { one.transforms = test::pickled::list(test::pickled::text("zstd")); });
  EXPECT_EQ(transformed.code, error_code::unsupported);
  EXPECT_THAT(transformed.reason, HasSubstr("'zstd'"));
}

TEST_F(dcp_reader, chunks_must_agree_with_the_metadata) {
  dcp_writer::chunk other = above();
  other.offsets = {3, 0};
  EXPECT_THAT(corrupt([&](auto& one) {
                other.sizes = one.sizes;
                one = other;
              }),
              HasSubstr("expected float32[2,2], found float32[3,2]"));
}

TEST_F(dcp_reader, damage_to_one_tensor_leaves_the_others) {
  dcp_writer::chunk whole = above();
  const catalog made = read(dcp_writer()
                                .tensor("bad", {5, 2}, {above()})
                                .tensor("fine", {3, 2}, {whole})
                                .tensor("none", {0, 2}, {}));
  EXPECT_NE(made.find("bad")->refusal.reason, "");
  EXPECT_EQ(made.find("fine")->refusal.reason, "");
  EXPECT_EQ(made.find("none")->refusal.reason, "");
  EXPECT_EQ(made.find("step"), nullptr) << "is no tensor";
}

TEST_F(dcp_reader, metadata_of_other_kinds_are_refused) {
  const auto of = [&](const std::string& bytes) {
    return [&, bytes] {
      put(".metadata", bytes);
      return read_dcp(files_, "d");
    };
  };
  EXPECT_THAT(thrown(of("}.")), HasSubstr("expected Metadata, found a dict"));
  EXPECT_THAT(thrown(of("")), HasSubstr("ends early"));
  EXPECT_THAT(thrown(of("cposix\nsystem\n."), error_code::unsupported), HasSubstr("posix system"));
  const std::string good = dcp_writer().tensor("w", {5, 2}, {above(), below()}).metadata();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(thrown(of(good.substr(0, size))), HasSubstr("d/.metadata"));
  }
  EXPECT_THAT(thrown(of(dcp_writer().tensor("w", {1}, {}).tensor("w", {1}, {}).metadata())),
              HasSubstr("once"));
  EXPECT_THAT(thrown(of(dcp_writer().tensor("w", {3, 2}, {above(), above()}).metadata())),
              HasSubstr("one place"));
}

TEST_F(dcp_reader, directories_and_their_metadata_are_recognized) {
  put(".metadata", dcp_writer().metadata());
  for (const char* path : {"d", "d/", "d/.metadata"}) {
    const located_checkpoint found = locate_checkpoint(files_, path);
    EXPECT_EQ(found.format, "dcp");
    EXPECT_EQ(found.path, "d");
  }
  files_.put("parts/__0.metadata", {});
  EXPECT_THAT(thrown([&] { return locate_checkpoint(files_, "parts"); }, error_code::unsupported),
              HasSubstr("__0.metadata"));
  files_.put("cut/.metadata.tmp", {});
  EXPECT_THAT(thrown([&] { return locate_checkpoint(files_, "cut"); }, error_code::not_found),
              HasSubstr("an incomplete distributed checkpoint"));
}

TEST_F(dcp_reader, golden_sets_are_listed_as_torch_does) {
  for (const char* name :
       {"dcp", "dcp_threads", "dcp_file_each", "dcp_one_process", "dcp_safetensors"}) {
    const std::string path = test::data_path("formats/checkpoints/") + name;
    const catalog made = read_dcp(*system_files(), path);
    const auto expected = nlohmann::json::parse(test::read_file(path + "/tensors.json"));
    EXPECT_EQ(made.tensors.size(), expected.size()) << name;
    for (const auto& [tensor, is] : expected.items()) {
      const catalog_tensor* const found = made.find(tensor);
      ASSERT_NE(found, nullptr) << name << ' ' << tensor;
      EXPECT_EQ(found->refusal.reason, "") << tensor;
      EXPECT_EQ(name_of(found->type), is.at("dtype").get<std::string>()) << tensor;
      EXPECT_EQ(found->full_shape.sizes(), is.at("shape").get<std::vector<std::int64_t>>());
    }
  }
}

}  // namespace
}  // namespace warmstart::detail
