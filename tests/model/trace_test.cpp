#include "warmstart/trace.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace warmstart::detail {
namespace {

using nlohmann::json;

TEST(trace, is_json_in_the_trace_event_format) {
  load_trace trace;
  trace.files = {"dir/\"m\xff"};
  trace.chunks = {{.file = 0,
                   .offset_bytes = 4096,
                   .size_bytes = 100,
                   .tensor = "a/w",
                   .slot = 2,
                   .released = {{.device = "cuda:1", .time = 2}, {.device = "cuda:0", .time = 3}}}};
  trace.lanes = {
      {.group = "readers",
       .name = "reader 0",
       .events = {{.work = traced_work::wait, .begin = 0, .end = 0.5},
                  {.work = traced_work::read, .begin = 0.5, .end = 2, .chunk = 0, .bytes = 100}}},
      {.group = "readers", .name = "reader 1", .events = {}},
      {.group = "slots",
       .name = "slot 2",
       .events = {{.work = traced_work::hold, .begin = 0.5, .end = 3, .chunk = 0, .bytes = 100}}},
      {.group = "cuda:0",
       .name = "uploads",
       .events = {{.work = traced_work::upload, .begin = 2, .end = 3, .chunk = 0, .bytes = 64}}}};
  const json events = json::parse(to_chrome_json(trace)).at("traceEvents");
  std::vector<json> spans;
  std::map<std::string, json> names;
  for (const json& event : events) {
    if (event.at("ph") == "X") {
      spans.push_back(event);
    } else {
      EXPECT_EQ(event.at("ph"), "M");
      names[event.at("args").at("name")] = event;
    }
  }
  ASSERT_EQ(spans.size(), 4U);
  EXPECT_EQ(spans[1].at("name"), "read");
  EXPECT_EQ(spans[1].at("ts"), 500'000);
  EXPECT_EQ(spans[1].at("dur"), 1'500'000);
  EXPECT_EQ(spans[1].at("args").at("offset"), 4096);
  EXPECT_EQ(spans[1].at("args").at("tensor"), "a/w");
  EXPECT_EQ(spans[1].at("args").at("slot"), 2);
  EXPECT_FALSE(spans[1].at("args").contains("released"));
  EXPECT_EQ(spans[2].at("args").at("released"), json({{"cuda:0", 3e6}, {"cuda:1", 2e6}}));
  EXPECT_FALSE(spans[0].at("args").contains("chunk"));
  ASSERT_EQ(names.size(), 7U);  // three groups, four lanes
  EXPECT_EQ(names.at("reader 1").at("pid"), names.at("reader 0").at("pid"));
  EXPECT_NE(names.at("reader 1").at("tid"), names.at("reader 0").at("tid"));
  EXPECT_EQ(spans[3].at("pid"), names.at("cuda:0").at("pid"));
}

TEST(trace, of_nothing_is_json) {
  EXPECT_TRUE(json::parse(to_chrome_json({})).at("traceEvents").empty());
}

TEST(trace, all_work_has_a_name) {
  for (int i = 0; i <= static_cast<int>(traced_work::fill); ++i) {
    EXPECT_NE(to_string(static_cast<traced_work>(i)), "") << i;
  }
}

}  // namespace
}  // namespace warmstart::detail
