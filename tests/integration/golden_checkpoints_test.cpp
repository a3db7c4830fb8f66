// Every V2 checkpoint that TensorFlow wrote, read whole and compared with what it holds.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/output.hpp"
#include "core/crc32c.hpp"
#include "integration/golden_jobs.hpp"
#include "warmstart/checkpoint.hpp"

namespace warmstart {
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

}  // namespace
}  // namespace warmstart
