// Every V2 checkpoint that TensorFlow wrote, and those of other packages, read whole and compared
// with what they hold.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "checksum/crc32c.hpp"
#include "cli/output.hpp"
#include "integration/golden_jobs.hpp"
#include "warmstart/checkpoint.hpp"

namespace warmstart::detail {
namespace {

using nlohmann::json;

const std::string CHECKPOINTS = test::GOLDEN_DIRECTORY + "/tensorflow/checkpoints/";

// The index file of a set, or nothing if it is no V2 checkpoint.
std::string index_of(const std::filesystem::path& directory) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.path().extension() == ".index") return entry.path().string();
  }
  return {};
}

std::vector<std::string> v2_sets() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(CHECKPOINTS)) {
    if (!index_of(entry.path()).empty()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// By its directory where a state file names it.
checkpoint open_set(const std::string& name) {
  const std::string directory = CHECKPOINTS + name;
  const bool named = std::filesystem::exists(directory + "/checkpoint");
  return checkpoint::open(named ? directory : index_of(directory));
}

std::string hex_of(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

class golden_checkpoint : public testing::TestWithParam<std::string> {};

TEST_P(golden_checkpoint, holds_what_tensorflow_says) {
  const checkpoint source = open_set(GetParam());
  const json expected = json::parse(test::read_file(CHECKPOINTS + GetParam() + "/tensors.json"));
  json found = json::object();
  for (const tensor_info& tensor : source.tensors()) {
    json& entry = found[tensor.name];
    entry = {{"dtype", name_of(tensor.type)}, {"shape", tensor.full_shape.sizes()}};
    if (tensor.type == dtype::string) {
      entry["strings_hex"] = json::array();
      for (const std::string& one : source.read_strings(tensor.name)) {
        entry["strings_hex"].push_back(hex_of(one));
      }
    } else {
      entry["crc32c"] = cli::hex(crc32c(source.read(tensor.name).bytes));
    }
  }
  EXPECT_EQ(found, expected);
}

TEST_P(golden_checkpoint, verifies) {
  const auto result = open_set(GetParam()).verify();
  EXPECT_EQ(result.damage, std::vector<problem>());
  EXPECT_GT(result.tensors, 0);
}

INSTANTIATE_TEST_SUITE_P(tensorflow, golden_checkpoint, testing::ValuesIn(v2_sets()),
                         [](const auto& name) { return name.param; });

const std::string OTHER_CHECKPOINTS = test::GOLDEN_DIRECTORY + "/formats/checkpoints/";
constexpr auto DESCRIPTION = "tensors.json";

// What there is to open, below the directory of them: single files where each holds everything, or
// the directory.
std::vector<std::string> other_checkpoints() {
  std::vector<std::string> paths;
  for (const auto& set : std::filesystem::directory_iterator(OTHER_CHECKPOINTS)) {
    if (!std::filesystem::exists(set.path() / DESCRIPTION)) continue;
    const std::string name = set.path().filename().string();
    std::vector<std::string> files;
    for (const auto& one : std::filesystem::directory_iterator(set)) {
      if (one.path().filename() != DESCRIPTION) {
        files.push_back(name + '/' + one.path().filename().string());
      }
    }
    if (files.size() > 1 && name != "npz") files = {name};
    paths.insert(paths.end(), files.begin(), files.end());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class other_checkpoint : public testing::TestWithParam<std::string> {
 protected:
  checkpoint source_ = checkpoint::open(OTHER_CHECKPOINTS + GetParam());
};

TEST_P(other_checkpoint, holds_what_its_writer_says) {
  const std::string set = GetParam().substr(0, GetParam().find('/'));
  json expected = json::parse(test::read_file(OTHER_CHECKPOINTS + set + '/' + DESCRIPTION));
  for (json& one : expected) {
    if (one.contains("packed_bits")) one = {{"unsupported", true}};
  }
  json found = json::object();
  for (const tensor_info& tensor : source_.tensors()) {
    found[tensor.name] = tensor.refusal.empty()
                             ? json{{"dtype", name_of(tensor.type)},
                                    {"shape", tensor.full_shape.sizes()},
                                    {"crc32c", cli::hex(crc32c(source_.read(tensor.name).bytes))}}
                             : json{{"unsupported", true}};
  }
  EXPECT_EQ(found, expected);
}

TEST_P(other_checkpoint, verifies_and_reports_what_cannot_be_verified) {
  const auto result = source_.verify();
  for (const problem& one : result.damage)
    EXPECT_EQ(one.code, error_code::unsupported) << one.message;
  EXPECT_EQ(result.damage.size(), GetParam().starts_with("pt_unsupported") ? 7U : 0U);
  EXPECT_GT(result.bytes, 0);
  const bool zipped = source_.format() == "npz" || source_.format() == "dcp" ||
                      (source_.format() == "torch" && !GetParam().starts_with("pt_legacy"));
  const bool of_safetensors = GetParam().find("safetensors") != std::string::npos;
  EXPECT_EQ(result.bytes_unchecked, zipped && !of_safetensors ? 0 : result.bytes);
}

INSTANTIATE_TEST_SUITE_P(formats, other_checkpoint, testing::ValuesIn(other_checkpoints()),
                         [](const auto& path) {
                           std::string name = path.param;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return !std::isalnum(c); },
                               '_');
                           return name;
                         });

}  // namespace
}  // namespace warmstart::detail
