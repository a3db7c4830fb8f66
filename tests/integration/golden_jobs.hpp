#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/job.hpp"
#include "cli/output.hpp"
#include "support/paths.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail::test {

inline const std::string GOLDEN_DIRECTORY = test::data_path();

/// All jobs of a set, `SET/NAME`: `tensorflow` with TensorFlow's answers, `formats` with those of
/// the packages that wrote other formats, `transforms` with those of numpy and of TensorFlow's warm
/// start to entries that do more than rename, `bert` with those of the script beside it.
inline std::vector<std::string> golden_job_names(const std::string& set) {
  std::vector<std::string> names;
  const std::string ending = ".job.json";
  for (const auto& entry :
       std::filesystem::directory_iterator(GOLDEN_DIRECTORY + '/' + set + "/jobs")) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(ending)) continue;
    names.push_back(set + '/' + name.substr(0, name.size() - ending.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline std::string golden_file(const std::string& job, const std::string& ending) {
  const std::size_t slash = job.find('/');
  return GOLDEN_DIRECTORY + '/' + job.substr(0, slash) + "/jobs" + job.substr(slash) + ending;
}

inline std::string golden_job_path(const std::string& job) {
  return golden_file(job, ".job.json");
}

inline nlohmann::json golden_expectation(const std::string& job) {
  return nlohmann::json::parse(read_file(golden_file(job, ".expected.json")));
}

/// What a test of one job is called.
inline std::string golden_test_name(const testing::TestParamInfo<std::string>& job) {
  return job.param.substr(job.param.find('/') + 1);
}

/// What an answer of `run --json` says of what TensorFlow's answer speaks of, in the same form.
inline nlohmann::json comparable(const nlohmann::json& answer, const nlohmann::json& expected) {
  nlohmann::json made = {{"status", answer.at("status")}};
  if (answer.contains("variables") && expected.contains("variables")) {
    made["variables"] = nlohmann::json::array();
    for (const auto& row : answer.at("variables")) {
      made["variables"].push_back({{"name", row.at("name")},
                                   {"dtype", row.at("dtype")},
                                   {"shape", row.at("shape")},
                                   {"crc32c", row.at("crc32c")}});
    }
  }
  if (answer.contains("errors") && expected.contains("codes")) {
    std::vector<std::string> codes;
    for (const auto& one : answer.at("errors")) codes.push_back(one.at("code"));
    std::sort(codes.begin(), codes.end());
    made["codes"] = codes;
  }
  return made;
}

inline nlohmann::json comparable_expectation(nlohmann::json expected) {
  nlohmann::json made = {{"status", expected.at("status")}};
  if (expected.contains("variables")) made["variables"] = expected.at("variables");
  if (expected.contains("codes")) {
    std::sort(expected["codes"].begin(), expected["codes"].end());
    made["codes"] = expected["codes"];
  }
  return made;
}

/// The answer of a job that `place` may have changed, run and verified on the host unless it has.
template <class Place>
nlohmann::json run_in_library(const std::string& name, Place place,
                              const load_options& options = {}) {
  using nlohmann::json;
  try {
    cli::job of = cli::read_job(golden_job_path(name));
    of.default_device = device::host();
    place(of);
    variable_store store = cli::resolve_job(of, std::nullopt).store;
    run_initializers(store, options);
    const verification_report resident = verify(store);
    EXPECT_TRUE(resident.complete());
    json answer = {{"status", "ok"}, {"variables", json::array()}};
    for (const verified_row& row : resident.rows) {
      const variable v = store.find(row.variable).value();
      answer["variables"].push_back({{"name", v.name()},
                                     {"dtype", name_of(v.type())},
                                     {"shape", v.shape().sizes()},
                                     {"crc32c", cli::hex(row.crc32c)}});
    }
    return answer;
  } catch (const error& bad) {
    json answer = {{"status", "error"}, {"errors", json::array()}};
    for (const problem& one : bad.problems()) {
      answer["errors"].push_back({{"code", to_string(one.code)}, {"message", one.message}});
    }
    return answer;
  }
}

}  // namespace warmstart::detail::test
