#include "formats/sidecar/sidecar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "checksum/crc32c.hpp"
#include "formats/registry/open_checkpoint.hpp"
#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "support/paths.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using nlohmann::json;
using test::memory_files;
using testing::HasSubstr;

constexpr auto DATA_PATH = "m.safetensors";
constexpr auto SIDECAR = "m.safetensors.crc32c.json";

class sidecar : public testing::Test {
 protected:
  sidecar() {
    put(DATA_PATH,
        test::read_file(test::data_path("formats/checkpoints/st_basic/model.safetensors")));
  }

  void put(const std::string& path, const std::string& text) {
    files_.put(path, test::bundle_writer::bytes_of(text));
  }
  [[nodiscard]] catalog open() const {
    return read_catalog(files_, locate_checkpoint(files_, DATA_PATH));
  }
  [[nodiscard]] json made() const {
    const catalog of = read_catalog_to_sum(files_, locate_checkpoint(files_, DATA_PATH));
    std::vector<std::uint32_t> sums;
    for (const extent& one : of.extents) {
      const std::span<const std::byte> all = files_.contents(of.files[one.file].path);
      sums.push_back(crc32c(all.subspan(static_cast<std::size_t>(one.offset_bytes),
                                        static_cast<std::size_t>(one.size_bytes))));
    }
    return json::parse(make_sidecar(of, sums));
  }
  std::string refusal(const std::string& text) {
    put(SIDECAR, text);
    try {
      (void)open();
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), error_code::corrupt);
      EXPECT_THAT(bad.what(), HasSubstr(SIDECAR));
      return bad.what();
    }
    ADD_FAILURE() << "was accepted: " << text;
    return {};
  }

  memory_files files_;
};

TEST_F(sidecar, gives_every_piece_a_checksum) {
  for (const extent& one : open().extents) EXPECT_EQ(one.checksum.kind, checksum_kind::none);
  put(SIDECAR, made().dump());
  const catalog checked = open();
  EXPECT_FALSE(checked.extents.empty());
  for (const extent& one : checked.extents) EXPECT_EQ(one.checksum.kind, checksum_kind::crc32c);
  EXPECT_EQ(checked.metadata.back().path, SIDECAR);
  EXPECT_EQ(sidecar_path(checked), SIDECAR);
}

TEST_F(sidecar, a_sidecar_of_other_files_is_refused) {
  json other = made();
  other["files"][DATA_PATH] = 17;
  EXPECT_THAT(refusal(other.dump()), HasSubstr("file 'm.safetensors': expected 17 bytes, found "));
  other["files"] = json::object();
  EXPECT_THAT(refusal(other.dump()), HasSubstr("no such file"));
  other = made();
  other["crc32c"].erase(other["crc32c"].begin());
  EXPECT_THAT(refusal(other.dump()), HasSubstr("expected 1 checksums"));
  other = made();
  other["crc32c"]["more"] = json::array();
  EXPECT_THAT(refusal(other.dump()), HasSubstr("tensors, the checkpoint has"));
  other = made();
  other["layout"] = "0x00000001";
  EXPECT_THAT(refusal(other.dump()),
              HasSubstr("places of tensors: expected checksum 0x00000001, found 0x"));
}

// Checksums of a tensor's bytes do not detect a changed header.
TEST_F(sidecar, notices_elements_that_are_read_as_others) {
  put(SIDECAR, made().dump());
  std::string text =
      test::read_file(test::data_path("formats/checkpoints/st_basic/model.safetensors"));
  const std::size_t signed_type = text.find("\"I64\"");
  ASSERT_NE(signed_type, std::string::npos);
  text.replace(signed_type, 5, "\"U64\"");
  put(DATA_PATH, text);
  EXPECT_THROW((void)open(), error);
}

TEST_F(sidecar, a_file_that_is_no_sidecar_is_refused) {
  (void)refusal("");
  (void)refusal("[]");
  (void)refusal(R"({"files": {}})");
  (void)refusal(R"({"files": 1, "crc32c": {}})");
  (void)refusal(R"({"files": {}, "crc32c": {}})");
  (void)refusal(R"({"files": {}, "layout": "1", "crc32c": {}})");
  json odd = made();
  for (const json& value : {json("0x1234"), json("1234567890"), json("0x1234567g"), json(5)}) {
    for (auto& [name, list] : odd["crc32c"].items()) {
      if (!list.empty()) list[0] = value;
    }
    EXPECT_THAT(refusal(odd.dump()), HasSubstr("expected a checksum such as"));
  }
}

TEST_F(sidecar, formats_with_checksums_need_none) {
  test::bundle_writer writer;
  writer.tensor("t", dtype::uint8, {2}, "xy");
  const test::temporary_directory scratch;
  writer.write(scratch / "m");
  const auto files = system_files();
  EXPECT_THROW((void)read_catalog_to_sum(*files, locate_checkpoint(*files, scratch / "m")), error);
}

}  // namespace
}  // namespace warmstart::detail
