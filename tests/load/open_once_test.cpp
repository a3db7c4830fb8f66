#include "load/open_once.hpp"

#include <gtest/gtest.h>

#include <map>

#include "support/bundle_writer.hpp"
#include "support/memory_files.hpp"
#include "support/safetensors_writer.hpp"

namespace warmstart::detail {
namespace {

/// Files in memory that count how often each is asked for its identity.
class counting_files final : public file_system {
 public:
  test::memory_files in_memory;
  mutable std::map<std::string, int> identified;

  file_identity identify(const std::string& path) const override {
    ++identified[path];
    return in_memory.identify(path);
  }
  bool is_directory(const std::string& path) const override { return in_memory.is_directory(path); }
  bool is_regular(const std::string& path) const override { return in_memory.is_regular(path); }
  std::optional<double> cached_share(const std::string& path) const override {
    return in_memory.cached_share(path);
  }
  bool is_remote(const std::string& path) const override { return in_memory.is_remote(path); }
  std::vector<std::string> list(const std::string& directory) const override {
    return in_memory.list(directory);
  }
  std::unique_ptr<file> open(const std::string& path, read_mode mode) const override {
    return in_memory.open(path, mode);
  }
};

class open_once_test : public testing::Test {
 protected:
  void write_bundle(const std::string& prefix, const std::string& data) {
    test::bundle_writer writer;
    writer.tensor("t", dtype::uint8, {static_cast<std::int64_t>(data.size())}, data);
    writer.write(files_.in_memory, prefix);
  }
  void write_safetensors(const std::string& path) {
    files_.in_memory.put(path,
                         test::bundle_writer::bytes_of(test::safetensors_file(
                             R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "x")));
  }

  /// As `init_from_checkpoint` does it.
  std::shared_ptr<const catalog> open(const std::string& path) {
    files_.identified.clear();
    auto contents = open_once(shared_, opened_, path, "");
    opened_.add(path, contents);
    return contents;
  }

  counting_files files_;
  /// Not an owner.
  std::shared_ptr<const file_system> shared_{std::shared_ptr<void>(), &files_};
  opened_checkpoints opened_;
  const std::string data_file_ = "a.data-00000-of-00001";
};

TEST_F(open_once_test, each_call_checks_files_once) {
  write_bundle("a", "x");
  const auto first = open("a");
  const std::map<std::string, int> once = {{"a.index", 1}, {data_file_, 1}};
  for (int i = 0; i < 50; ++i) {
    write_bundle("b" + std::to_string(i), "x");
    EXPECT_NE(open("b" + std::to_string(i)), first);
    EXPECT_EQ(open("a"), first);
    EXPECT_EQ(files_.identified, once);
  }
  EXPECT_EQ(opened_.all().size(), 51U);
}

TEST_F(open_once_test, a_file_with_metadata_and_data_is_checked_once) {
  write_safetensors("m.safetensors");
  const auto first = open("m.safetensors");
  EXPECT_EQ(open("m.safetensors"), first);
  EXPECT_EQ(files_.identified.at("m.safetensors"), 1);
}

TEST_F(open_once_test, a_changed_file_is_read_again) {
  write_bundle("a", "x");
  const auto first = open("a");
  files_.in_memory.put(data_file_, test::bundle_writer::bytes_of("y"));
  const auto second = open("a");
  EXPECT_NE(second, first);
  EXPECT_EQ(open("a"), second);
  write_bundle("a", "zz");
  const auto third = open("a");
  EXPECT_EQ(third->tensors.at(0).full_shape, shape{2});
  // The changed files are no longer checked.
  EXPECT_EQ(open("a"), third);
  EXPECT_EQ(files_.identified, (std::map<std::string, int>{{"a.index", 1}, {data_file_, 1}}));
}

}  // namespace
}  // namespace warmstart::detail
