#include "formats/torch/torch_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/bundle_writer.hpp"
#include "support/paths.hpp"
#include "support/reader_test.hpp"
#include "support/temporary_directory.hpp"
#include "support/torch_writer.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::torch_writer;
using testing::ElementsAre;
using testing::HasSubstr;
namespace pickled = test::pickled;
using pickled::dict;
using pickled::text;

constexpr auto TORCH_PATH = "dir/my.model.pt";

class torch_reader : public test::reader_test<read_torch> {
 protected:
  torch_reader() : reader_test(TORCH_PATH) {}

  using reader_test::read;
  catalog read(const torch_writer& writer, const std::string& values) {
    return read(writer.archive(values));
  }
  // Of the only tensor.
  std::string refusal_of(const torch_writer& writer, const std::string& tensor,
                         error_code code = error_code::corrupt) {
    const catalog made = read(writer, dict(text("a") + tensor));
    EXPECT_EQ(made.tensors.size(), 1U);
    EXPECT_EQ(made.tensors.at(0).name, "a");
    EXPECT_EQ(made.tensors.at(0).refusal.code, code) << made.tensors.at(0).refusal.reason;
    EXPECT_THAT(made.tensors.at(0).refusal.reason, HasSubstr(TORCH_PATH));
    return made.tensors.at(0).refusal.reason;
  }

  static std::string storage(torch_writer& writer) {
    return writer.storage("FloatStorage", 6, std::string(24, 'x'));
  }
};

TEST_F(torch_reader, a_tensor_that_fills_its_storage_is_dense) {
  torch_writer writer;
  const std::string id = writer.storage("FloatStorage", 6, "0123456789abcdefghijklmn");
  const std::string bytes =
      writer.archive(dict(text("w") + torch_writer::tensor(id, 0, {2, 3}, {3, 1})));
  const catalog made = read(bytes);
  EXPECT_EQ(made.format, "torch");
  ASSERT_EQ(made.tensors.size(), 1U);
  const catalog_tensor& tensor = made.tensors[0];
  EXPECT_EQ(tensor.name, "w");
  EXPECT_EQ(tensor.type, dtype::float32);
  EXPECT_EQ(tensor.full_shape, (shape{2, 3}));
  EXPECT_EQ(tensor.refusal.reason, "");
  ASSERT_EQ(tensor.pieces.size(), 1U);
  EXPECT_TRUE(tensor.pieces[0].strides.empty());
  const extent& place = made.extents.at(tensor.pieces[0].extent);
  EXPECT_EQ(place.size_bytes, 24);
  EXPECT_EQ(place.checksum.kind, checksum_kind::crc32);
  EXPECT_EQ(bytes.substr(static_cast<std::size_t>(place.offset_bytes), 24),
            "0123456789abcdefghijklmn");
}

TEST_F(torch_reader, views_share_the_extent_of_their_storage) {
  torch_writer writer;
  const std::string id = storage(writer);
  const catalog made =
      read(writer, dict(text("t") + torch_writer::tensor(id, 0, {3, 2}, {1, 3}) + text("row") +
                        torch_writer::tensor(id, 3, {3}, {1}) + text("whole") +
                        torch_writer::tensor(id, 0, {2, 3}, {3, 1}) + text("expanded") +
                        torch_writer::tensor(id, 5, {4}, {0}) + text("first") +
                        torch_writer::tensor(id, 0, {}, {}) + text("one") +
                        torch_writer::tensor(id, 0, {1, 6}, {99, 1}) + text("none") +
                        torch_writer::tensor(id, 99, {0, 7}, {7, 1})));
  EXPECT_EQ(made.extents.size(), 1U);
  const auto piece = [&](const char* name) { return made.find(name)->pieces.at(0); };
  EXPECT_THAT(piece("t").strides, ElementsAre(1, 3));
  EXPECT_THAT(piece("row").strides, ElementsAre(1));
  EXPECT_EQ(piece("row").first, 3);
  EXPECT_THAT(piece("expanded").strides, ElementsAre(0));
  EXPECT_TRUE(piece("whole").strides.empty());
  EXPECT_TRUE(piece("one").strides.empty());
  EXPECT_TRUE(made.find("none")->pieces.empty());
  // A scalar has no strides, and would be taken as all of the storage.
  EXPECT_EQ(made.extents.at(piece("first").extent).size_bytes, 24);
}

TEST_F(torch_reader, every_way_to_make_a_tensor_is_followed) {
  torch_writer writer;
  const std::string bytes = writer.storage("UntypedStorage", 4, "abcd");
  const std::string untyped = torch_writer::storage_id("torch.storage", "UntypedStorage", "0", 4);
  const std::string half = torch_writer::tensor(
      untyped, 0, {2}, {1}, pickled::symbol("torch", "uint16"), "_rebuild_tensor_v3");
  const std::string byte = torch_writer::tensor(untyped, 0, {4}, {1});
  const auto call = [](const std::string& function, const std::string& arguments) {
    return pickled::call(pickled::symbol("torch._utils", function), arguments);
  };
  const std::string old =
      call("_rebuild_tensor", untyped + pickled::integer(1) + pickled::integers({2}) +
                                  pickled::list(pickled::integer(1)));
  const std::string parameter =
      call("_rebuild_parameter", half + pickled::YES + torch_writer::HOOKS);
  const std::string with_state =
      call("_rebuild_parameter_with_state", half + pickled::YES + torch_writer::HOOKS + "}");
  const std::string typed = pickled::call(
      pickled::symbol("torch._tensor", "_rebuild_from_type_v2"),
      pickled::symbol("torch._utils", "_rebuild_tensor_v2") + pickled::symbol("torch", "Tensor") +
          pickled::tuple(untyped + pickled::integer(0) + pickled::integers({4}) +
                         pickled::integers({1}) + pickled::NO + "N") +
          "}");
  const catalog made = read(writer, dict(text("byte") + byte + text("half") + half + text("old") +
                                         old + text("parameter") + parameter + text("state") +
                                         with_state + text("typed") + typed));
  std::vector<dtype> types;
  for (const catalog_tensor& one : made.tensors) {
    EXPECT_EQ(one.refusal.reason, "") << one.name;
    types.push_back(one.type);
  }
  EXPECT_THAT(types, ElementsAre(dtype::uint8, dtype::uint16, dtype::uint8, dtype::uint16,
                                 dtype::uint16, dtype::uint8));
  EXPECT_EQ(made.find("old")->pieces.at(0).first, 1);
}

TEST_F(torch_reader, lazy_conjugation_and_negation_are_applied_when_loading) {
  torch_writer writer;
  const std::string id = writer.storage("ComplexFloatStorage", 1, "01234567");
  const auto with = [&](const char* flag) {
    return torch_writer::tensor(id, 0, {1}, {1}, dict(text(flag) + pickled::YES + text("x") + "N"));
  };
  const catalog made = read(writer, dict(text("c") + with("conj") + text("n") + with("neg")));
  EXPECT_TRUE(made.find("c")->conjugated);
  EXPECT_FALSE(made.find("c")->negated);
  EXPECT_TRUE(made.find("n")->negated);
  EXPECT_FALSE(made.find("n")->conjugated);
}

TEST_F(torch_reader, geometry_that_leaves_the_storage_is_the_tensors_refusal) {
  torch_writer writer;
  const std::string id = storage(writer);
  const auto refused = [&](std::int64_t first, const std::vector<std::int64_t>& sizes,
                           const std::vector<std::int64_t>& strides) {
    return refusal_of(writer, torch_writer::tensor(id, first, sizes, strides));
  };
  EXPECT_THAT(refused(1, {2, 3}, {3, 1}), HasSubstr("expected its elements in 6"));
  EXPECT_THAT(refused(0, {7}, {1}), HasSubstr("found the last one at 6"));
  EXPECT_THAT(refused(0, {3}, {INT64_MAX}), HasSubstr("2^63"));
  EXPECT_THAT(refused(INT64_MAX, {2}, {1}), HasSubstr("2^63"));
  EXPECT_THAT(refused(-1, {2}, {1}), HasSubstr("negative"));
  EXPECT_THAT(refused(0, {-2}, {1}), HasSubstr("negative"));
  EXPECT_THAT(refused(0, {2}, {-1}), HasSubstr("negative"));
  EXPECT_THAT(refused(0, {2}, {1, 1}), HasSubstr("1 dimensions have 2 strides"));
  EXPECT_THAT(refused(0, {0, INT64_MAX, 2}, {0, 0, 0}), HasSubstr("larger than any"));
}

TEST_F(torch_reader, arguments_of_other_kinds_are_the_tensors_refusal) {
  torch_writer writer;
  const std::string id = storage(writer);
  const auto make = [&](const std::string& arguments) {
    return pickled::call(pickled::symbol("torch._utils", "_rebuild_tensor_v2"), arguments);
  };
  const std::string place = id + pickled::integer(0);
  const std::string shape = pickled::integers({6}) + pickled::integers({1});
  EXPECT_THAT(refusal_of(writer, make(place)), HasSubstr("expected 6 arguments, found 2"));
  EXPECT_THAT(refusal_of(writer, make("NK\x01" + shape + pickled::NO + "N")), HasSubstr("storage"));
  EXPECT_THAT(refusal_of(writer, make(place + shape + "NN")), HasSubstr("requires_grad"));
  EXPECT_THAT(refusal_of(writer, make(place + shape + pickled::NO + "]")), HasSubstr("hooks"));
  EXPECT_THAT(refusal_of(writer, make(place + text("6") + text("1") + pickled::NO + "N")),
              HasSubstr("expected a tuple, found a text"));
  EXPECT_THAT(refusal_of(writer, make(place + pickled::tuple("N") + pickled::integers({1}) +
                                      pickled::NO + "N")),
              HasSubstr("expected an integer, found None"));
  EXPECT_THAT(refusal_of(writer, make(place + shape + pickled::NO + "N]")), HasSubstr("metadata"));
  EXPECT_THAT(refusal_of(writer, make(place + shape + pickled::NO + "N" +
                                      dict(text("conj") + pickled::YES))),
              HasSubstr("not complex"));
}

TEST_F(torch_reader, storages_that_contradict_their_description_are_refused) {
  torch_writer writer;
  (void)storage(writer);
  const auto tensor = [](const char* key, std::int64_t elements) {
    return torch_writer::tensor(torch_writer::storage_id("torch", "FloatStorage", key, elements), 0,
                                {1}, {1});
  };
  EXPECT_THAT(refusal_of(writer, tensor("0", 5)), HasSubstr("expected 20 bytes, found 24"));
  EXPECT_THAT(refusal_of(writer, tensor("1", 6)), HasSubstr("there is no storage '1'"));
  EXPECT_THAT(refusal_of(writer, tensor("../data.pkl", 6)), HasSubstr("there is no storage"));
  const auto refused_id = [&](const std::string& id) { return refusal(writer.archive(id + 'Q')); };
  EXPECT_THAT(refused_id("K\x05"), HasSubstr("persistent id"));
  EXPECT_THAT(refused_id(pickled::tuple(text("module") + "NNNN")), HasSubstr("persistent id"));
  EXPECT_THAT(refused_id(pickled::tuple(text("storage") + "NNNN")), HasSubstr("without a class"));
  const std::string begin =
      text("storage") + pickled::symbol("torch", "FloatStorage") + text("0") + text("cpu");
  EXPECT_THAT(refused_id(pickled::tuple(begin + pickled::integer(-1))), HasSubstr("elements"));
  EXPECT_THAT(refused_id(pickled::tuple(begin + pickled::integer(INT64_MAX))),
              HasSubstr("elements"));
}

TEST_F(torch_reader, unsupported_tensors_do_not_affect_others) {
  torch_writer writer;
  const std::string id = storage(writer);
  const std::string quantized = torch_writer::storage_id("torch", "QInt8Storage", "0", 24);
  const catalog made = read(
      writer,
      dict(text("fine") + torch_writer::tensor(id, 0, {6}, {1}) + text("meta") +
           pickled::call(pickled::symbol("torch._utils", "_rebuild_meta_tensor_no_storage"),
                         pickled::symbol("torch", "float32")) +
           text("quantized") + torch_writer::tensor(quantized, 0, {24}, {1}) + text("subclass") +
           pickled::call(pickled::symbol("torch._tensor", "_rebuild_from_type_v2"),
                         pickled::symbol("torch._utils", "_rebuild_tensor_v2") +
                             pickled::symbol("torch", "float32") + "))")));
  EXPECT_EQ(made.find("fine")->refusal.reason, "");
  for (const char* name : {"meta", "quantized", "subclass"}) {
    EXPECT_EQ(made.find(name)->refusal.code, error_code::unsupported);
    EXPECT_NE(made.find(name)->refusal.reason, "") << name;
  }
}

TEST_F(torch_reader, a_name_of_two_tensors_is_refused) {
  torch_writer writer;
  const std::string tensor = torch_writer::tensor(storage(writer), 0, {6}, {1});
  const catalog made = read(writer, dict(text("a.b") + tensor + text("a") +
                                         dict(text("b") + tensor) + text("c") + tensor));
  ASSERT_EQ(made.tensors.size(), 2U);
  EXPECT_THAT(made.find("a.b")->refusal.reason, HasSubstr("several"));
  EXPECT_EQ(made.find("c")->refusal.reason, "");
}

TEST_F(torch_reader, a_single_tensor_is_named_after_the_file) {
  torch_writer writer;
  const catalog made = read(writer, torch_writer::tensor(storage(writer), 0, {6}, {1}));
  ASSERT_EQ(made.tensors.size(), 1U);
  EXPECT_EQ(made.tensors[0].name, "my.model");
}

TEST_F(torch_reader, archives_must_have_the_expected_layout) {
  torch_writer writer;
  const std::string values = dict(text("a") + torch_writer::tensor(storage(writer), 0, {6}, {1}));
  const auto with = [&](const std::string& name, const std::string& data) {
    test::zip_writer made = writer.entries(values);
    return made.add(name, data).finish();
  };
  const auto changed = [&](std::size_t entry, const auto& change) {
    test::zip_writer made = writer.entries(values);
    change(made.entries.at(entry));
    return made.finish();
  };
  EXPECT_THAT(refusal(with("other/x", "")), HasSubstr("in folder 'm/'"));
  EXPECT_THAT(refusal(with("x", "")), HasSubstr("in folder 'm/'"));
  EXPECT_THAT(refusal(with("m/byteorder", "middle")), HasSubstr("byte order"));
  EXPECT_THAT(refusal(with("m/constants.pkl", ""), error_code::unsupported),
              HasSubstr("TorchScript"));
  EXPECT_THAT(refusal(with("m/archive_format", "pt2"), error_code::unsupported),
              HasSubstr("torch.export"));
  EXPECT_THAT(refusal(with("m/models/model.json", ""), error_code::unsupported),
              HasSubstr("torch.export"));
  EXPECT_THAT(refusal(changed(0, [](auto& e) { e.name = "m/values"; })), HasSubstr("m/data.pkl"));
  EXPECT_THAT(refusal(changed(0, [](auto& e) { e.crc32 ^= 1; })), HasSubstr("checksum"));
  EXPECT_THAT(refusal(changed(0, [](auto& e) { e.method = 8; }), error_code::unsupported),
              HasSubstr("save it again"));
  EXPECT_THAT(refusal(changed(2, [](auto& e) { e.bytes = "x\n"; })), HasSubstr("version"));
  for (const char* version : {"0\n", "9\n"}) {
    if (version[0] == '0') {
      EXPECT_THAT(refusal(changed(2, [&](auto& e) { e.bytes = version; }), error_code::unsupported),
                  HasSubstr("version 0"));
    } else {
      EXPECT_EQ(read(changed(2, [&](auto& e) { e.bytes = version; })).tensors.size(), 1U);
    }
  }
  const catalog unchecked = read(changed(1, [](auto& e) { e.crc32 = 0; }));
  EXPECT_EQ(unchecked.extents.at(0).checksum.kind, checksum_kind::none);
  EXPECT_TRUE(read(with("m/byteorder", "big")).tensors.at(0).swapped);
  EXPECT_FALSE(read(with("m/byteorder", "little")).tensors.at(0).swapped);
}

TEST_F(torch_reader, storages_of_legacy_files_follow_the_pickles) {
  torch_writer writer;
  const std::string floats = writer.storage("FloatStorage", 2, "01234567");
  (void)writer.storage("ByteStorage", 3, "abc");
  const std::string view = torch_writer::storage_id(
      "torch", "ByteStorage", "1", 3,
      pickled::tuple(text("v") + pickled::integer(1) + pickled::integer(2)));
  const std::string values = dict(text("f") + torch_writer::tensor(floats, 0, {2}, {1}) +
                                  text("v") + torch_writer::tensor(view, 0, {2}, {1}));
  const std::string good = writer.legacy(values, {2, 3});
  const catalog made = read(good);
  ASSERT_EQ(made.tensors.size(), 2U);
  EXPECT_EQ(made.find("v")->pieces.at(0).first, 1);
  const auto bytes_of = [&](const char* name) {
    const extent& place = made.extents.at(made.find(name)->pieces.at(0).extent);
    EXPECT_EQ(place.checksum.kind, checksum_kind::none);
    return good.substr(static_cast<std::size_t>(place.offset_bytes),
                       static_cast<std::size_t>(place.size_bytes));
  };
  EXPECT_EQ(bytes_of("f"), "01234567");
  EXPECT_EQ(bytes_of("v"), "abc");

  EXPECT_THAT(refusal(writer.legacy(values, {2, 4})), HasSubstr("expected 3 elements of 1 bytes"));
  EXPECT_THAT(refusal(writer.legacy(values, {2, -1})), HasSubstr("found -1"));
  const std::string long_view = torch_writer::storage_id(
      "torch", "ByteStorage", "1", 3,
      pickled::tuple(text("v") + pickled::integer(2) + pickled::integer(2)));
  EXPECT_THAT(refusal(writer.legacy(torch_writer::tensor(long_view, 0, {1}, {1}), {2, 3})),
              HasSubstr("its view ends after"));
  for (std::size_t size = 0; size < good.size(); ++size) (void)refusal(good.substr(0, size));
}

// The packages' own answers: names, dtypes and shapes of every set.
TEST_F(torch_reader, golden_sets_are_listed_as_torch_does) {
  for (const char* name : {"pt_state_dict/model.pt", "pt_nested/checkpoint.pt", "pt_many/model.bin",
                           "pt_legacy/model.pt", "pt_unsupported/model.pt"}) {
    const std::string path = test::data_path("formats/checkpoints/") + name;
    const catalog made = read_torch(*system_files(), path);
    const auto expected =
        nlohmann::json::parse(test::read_file(path.substr(0, path.rfind('/')) + "/tensors.json"));
    EXPECT_EQ(made.tensors.size(), expected.size()) << name;
    for (const auto& [tensor, is] : expected.items()) {
      const catalog_tensor* const found = made.find(tensor);
      ASSERT_NE(found, nullptr) << name << ' ' << tensor;
      EXPECT_EQ(found->refusal.reason.empty(), !is.value("unsupported", false))
          << tensor << ' ' << found->refusal.reason;
      if (is.value("unsupported", false)) continue;
      EXPECT_EQ(name_of(found->type), is.at("dtype").get<std::string>()) << tensor;
      EXPECT_EQ(found->full_shape.sizes(), is.at("shape").get<std::vector<std::int64_t>>());
    }
  }
}

}  // namespace
}  // namespace warmstart::detail
