// Twenty thousand of everything, and a million entries of an index: nothing may take time that
// grows with the square of a count. A square takes so long that the test runner's limit ends it, on
// any machine; no time is measured here.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "formats/tensorflow/bundle/bundle_reader.hpp"
#include "support/program.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

constexpr int COUNT = 20'000;

class large_counts : public testing::Test {
 protected:
  large_counts() {
    test::bundle_writer writer;
    for (int i = 0; i < COUNT; ++i) {
      writer.tensor(tensor(i), dtype::int32, {1}, test::bytes_of<std::int32_t>({i}));
    }
    writer.write(path_);
  }

  static std::string tensor(int i) { return fmt::format("model/layer_{:06}/kernel", i); }

  // Variables with these names, and what is mapped to them.
  std::string write_job(const std::string& suffix, const nlohmann::json& map,
                        const nlohmann::json& options = nlohmann::json::object()) const {
    nlohmann::json job = {{"device", "cpu:0"}, {"variables", nlohmann::json::array()}};
    for (int i = 0; i < COUNT; ++i) {
      job["variables"].push_back(
          {{"name", tensor(i) + suffix}, {"shape", {1}}, {"dtype", "int32"}});
    }
    job["initialize"] = {{{"checkpoint", "m"}, {"assignment_map", map}, {"options", options}}};
    test::write_file(directory_ / "job.json", job.dump());
    return directory_ / "job.json";
  }

  test::temporary_directory directory_;
  std::string path_ = directory_ / "m";
};

TEST_F(large_counts, a_job_of_one_scope_is_loaded) {
  const auto result =
      test::run_warmstart({"run", write_job("", {{"/", "/"}}), "--json", "--verify"});
  const auto answer = nlohmann::json::parse(result.out);
  EXPECT_EQ(answer.at("variables").size(), std::size_t{COUNT});
  EXPECT_EQ(answer.at("verified"), true);
}

TEST_F(large_counts, a_job_of_names_is_loaded) {
  nlohmann::json map = nlohmann::json::array();
  for (int i = 0; i < COUNT; ++i) map.push_back({tensor(i), tensor(COUNT - 1 - i)});
  const auto result = test::run_warmstart({"run", write_job("", map)});
  EXPECT_EQ(result.exit_code, 0) << result.err.substr(0, 1000);
}

TEST_F(large_counts, variables_of_absent_tensors_are_kept) {
  const std::string job = write_job("/Adam", {{"/", "/"}}, {{"missing", "keep"}});
  const auto result = test::run_warmstart({"run", job, "--json"});
  EXPECT_EQ(nlohmann::json::parse(result.out).at("kept").size(), std::size_t{COUNT});
}

TEST_F(large_counts, every_mistake_is_reported) {
  const auto result = test::run_warmstart({"plan", write_job("/Adam", {{"/", "/"}}), "--json"});
  EXPECT_EQ(nlohmann::json::parse(result.out).at("errors").size(), std::size_t{COUNT});
}

TEST(large_count, of_an_index) {
  constexpr int ENTRIES = 1'000'000;
  test::table_entries records = {{"", test::bundle_writer::header_record(1, false)}};
  const std::string record = test::bundle_writer::record(
      {.type = 4, .sizes = {4}, .size = 4, .crc = crc32c(std::as_bytes(std::span("data", 4)))});
  for (int i = 0; i < ENTRIES; ++i) records.emplace_back(fmt::format("layer_{:07}", i), record);
  test::memory_files files;
  files.put("m.index", test::bundle_writer::bytes_of(test::leveldb_table(records)));
  files.put("m.data-00000-of-00001", test::bundle_writer::bytes_of("data"));
  const catalog source = read_bundle(files, "m");
  EXPECT_EQ(source.tensors.size(), std::size_t{ENTRIES});
  EXPECT_EQ(source.tensors.back().refusal.reason, "");
}

TEST_F(large_counts, of_slices_and_parts) {
  test::bundle_writer writer;
  std::vector<std::pair<slice, std::string>> slices;
  for (std::int64_t i = 0; i < COUNT; ++i) {
    slices.emplace_back(slice({{.start = i, .length = 1}}), "x");
  }
  writer.partitioned("t", dtype::uint8, {COUNT}, slices);
  writer.write(path_ + "2");
  EXPECT_EQ(test::run_warmstart({"inspect", path_ + "2"}).exit_code, 0);
  EXPECT_EQ(test::run_warmstart({"verify", path_ + "2"}).exit_code, 0);
  variable_store vars{"cpu:0"};
  vars.get_variable("t", {COUNT}, {.type = dtype::uint8});
  init_from_checkpoint(vars, path_ + "2", {{"t", "t"}});
  run_initializers(vars);
  EXPECT_TRUE(verify(vars).complete());
}

}  // namespace
}  // namespace warmstart::detail
