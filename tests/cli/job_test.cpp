#include "cli/job.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "support/expect_mentions.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::detail::cli {
namespace {

// The messages of all problems, a line each; "parsed" if there are none.
std::string refusal(std::string_view text) {
  try {
    (void)parse_job(text, "/jobs");
    return "parsed";
  } catch (const error& bad) {
    std::string all;
    for (const problem& one : bad.problems()) {
      EXPECT_EQ(one.code, error_code::invalid_argument) << one.message;
      all += one.message + '\n';
    }
    return all;
  }
}

std::string with_variable(const std::string& fields) {
  return R"({"variables": [{"name": "v", "shape": [4], )" + fields + "}]}";
}

TEST(job, reads_every_field) {
  const job parsed = parse_job(R"({
    "device": "cpu:0",
    "variables": [
      {"name": "a", "shape": []},
      {"name": "b", "dtype": "bfloat16", "shape": [6, 2], "partitions": [3, 1],
       "devices": ["cpu:0", "cuda:1"],
       "initializer": {"type": "truncated_normal", "mean": 1, "stddev": 0.02, "seed": 18446744073709551615}},
      {"name": "c", "shape": [8], "replicas": ["cuda:0", "cuda:1"],
       "partitions": {"type": "variable_axis_size", "max_shard_bytes": 16, "axis": 0, "max_shards": 8},
       "initializer": {"type": "uniform", "minval": -1, "maxval": 1}}
    ],
    "initialize": [
      {"checkpoint": "sub/m.ckpt", "assignment_map": {"x/": "y/", "z": ["a", "b"]},
       "options": {"missing": "keep", "allow_empty_scope": true, "cast": true,
                   "format": "tensor_bundle"}},
      {"checkpoint": "/abs/m.ckpt", "assignment_map": [["t", "a"], ["t", "b"]]}
    ]
  })",
                               "/jobs");
  EXPECT_EQ(parsed.default_device, device("cpu:0"));
  ASSERT_EQ(parsed.variables.size(), 3U);
  EXPECT_EQ(parsed.variables[0].shape, shape{});
  EXPECT_EQ(parsed.variables[0].options.initializer, zeros());
  EXPECT_EQ(parsed.variables[1].options.type, dtype::bfloat16);
  EXPECT_EQ(parsed.variables[1].options.initializer, truncated_normal(1, 0.02, UINT64_MAX));
  EXPECT_EQ(parsed.variables[1].options.placement.devices,
            (std::vector<device>{"cpu:0", "cuda:1"}));
  EXPECT_EQ((*parsed.variables[1].options.partitioner)({6, 2}, dtype::float32),
            (std::vector<std::int64_t>{3, 1}));
  EXPECT_EQ(parsed.variables[2].options.placement.distribution, placement::rule::replicated);
  EXPECT_EQ((*parsed.variables[2].options.partitioner)({8}, dtype::float32),
            std::vector<std::int64_t>{2});
  ASSERT_EQ(parsed.calls.size(), 2U);
  EXPECT_EQ(parsed.calls[0].checkpoint, "sub/m.ckpt");
  EXPECT_EQ(parsed.calls[0].path, "/jobs/sub/m.ckpt");
  EXPECT_TRUE(parsed.calls[0].options.cast);
  EXPECT_EQ(parsed.calls[0].options.missing, init_options::missing_tensor::keep);
  EXPECT_EQ(parsed.calls[1].path, "/abs/m.ckpt");
  EXPECT_EQ(parsed.calls[1].map.entries().size(), 2U);
}

TEST(job, unknown_fields_are_named) {
  EXPECT_MENTIONS(refusal(R"({"variables": [], "devise": "cpu:0"})"), "devise: unknown field");
  EXPECT_MENTIONS(refusal(with_variable(R"("dtpye": "int32")")),
                  "variables[0].dtpye: unknown field; expected one of devices, dtype");
  EXPECT_MENTIONS(refusal(R"({"variables": [], "initialize": [{"checkpoint": "m",
                              "assignment_map": {}, "options": {"mising": "keep"}}]})"),
                  "initialize[0].options.mising: unknown field");
  EXPECT_MENTIONS(refusal(with_variable(R"("initializer": {"type": "zeros", "seed": 1})")),
                  "variables[0].initializer.seed: unknown field");
  EXPECT_MENTIONS(refusal(with_variable(R"("partitions": {"type": "fixed_size", "num_shards": 2,
                                          "max_shards": 3})")),
                  "variables[0].partitions.max_shards: unknown field");
}

TEST(job, wrong_values_are_named) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("dtype": "float33")", "variables[0].dtype: there is no dtype float33"},
      {R"("dtype": 1)", "variables[0].dtype: expected a string, found 1"},
      {R"("partitions": 3)", "variables[0].partitions: expected a list, found 3"},
      {R"("partitions": {"type": "odd"})", "variables[0].partitions.type: expected fixed_size"},
      {R"("partitions": {"type": "fixed_size", "num_shards": 0})", "expected at least 1, found 0"},
      {R"("partitions": {"type": "fixed_size"})", "field num_shards is missing"},
      {R"("partitions": {"type": "min_max", "axis": -1})", "there is no dimension -1"},
      {R"("devices": [])", "variables[0].devices: expected at least one device"},
      {R"("devices": ["gpu"])", "variables[0].devices[0]"},
      {R"("devices": ["cpu:0"], "replicas": ["cpu:0"])", "together with devices"},
      {R"("initializer": "ones")", "variables[0].initializer: expected an object, found \"ones\""},
      {R"("initializer": {"type": "ons"})", "there is no initializer ons"},
      {R"("initializer": {"type": "constant"})", "field value is missing"},
      {R"("initializer": {"type": "normal", "seed": -1})", "expected an integer of at least 0"},
      {R"("initializer": {"type": "normal", "stddev": "x"})", "expected a number, found \"x\""}};
  for (const auto& [fields, expected] : cases) {
    EXPECT_MENTIONS(refusal(with_variable(fields)), expected);
  }
  EXPECT_MENTIONS(refusal(R"({"variables": [{"name": "v", "shape": [1.5]}]})"),
                  "variables[0].shape[0]: expected an integer, found 1.5");
  EXPECT_MENTIONS(refusal(R"({"variables": [{"name": "v", "shape": [18446744073709551615]}]})"),
                  "expected an integer");
  EXPECT_MENTIONS(refusal(R"({"variables": [{"name": "v", "shape": [-1]}]})"),
                  "variables[0].shape: ");
  EXPECT_MENTIONS(refusal(R"({"device": "x", "variables": []})"), "x");
}

TEST(job, a_place_is_named_once) {
  for (const std::string& text :
       {refusal(with_variable(R"("devices": [3])")), refusal(with_variable(R"("replicas": ["x"])")),
        refusal(R"({"variables": [{"name": "v", "shape": ["x"]}]})"),
        refusal(R"({"variables": [{"name": "v", "shape": [-1]}]})")}) {
    EXPECT_EQ(text.find("variables[0]"), text.rfind("variables[0]")) << text;
  }
}

TEST(job, wrong_maps_are_named) {
  const auto with_map = [](const std::string& map) {
    return refusal(R"({"variables": [], "initialize": [{"checkpoint": "m", "assignment_map": )" +
                   map + "}]}");
  };
  EXPECT_EQ(with_map("[]"), "parsed");
  EXPECT_MENTIONS(with_map("3"), "initialize[0].assignment_map: expected an object");
  EXPECT_MENTIONS(with_map(R"([["t"]])"), "assignment_map[0]: expected a pair");
  EXPECT_MENTIONS(with_map(R"({"t": 7})"), "assignment_map.t: expected a name");
  EXPECT_MENTIONS(with_map(R"({"t": {"to": "v", "too": "v"}})"),
                  "assignment_map.t.too: unknown field");
  EXPECT_MENTIONS(with_map(R"({"t": "a", "t": "b"})"), "field \"t\" occurs twice");
}

TEST(job, entries_may_be_objects) {
  const job parsed = parse_job(R"({"variables": [], "initialize": [{"checkpoint": "m",
    "assignment_map": [
      ["a", "x"],
      ["t", {"to": "v", "slice": [[0, 2], [3, -1]], "reshape": [4, -1], "transpose": [1, 0],
             "rows": {"indices": [4, -1, 0]}, "cast": true,
             "columns": {"old_vocabulary": "old.txt", "new_vocabulary": "/new.txt",
                         "old_size": 7, "new_size": 9}}],
      ["u", {"to": ["v/part_0"]}]]}]})",
                               "/jobs");
  const auto& entries = parsed.calls.at(0).map.entries();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(to_string(entries[1].transform),
            "slice 0,2:3,-1, reshape [4,-1], transpose 1,0, rows 3 indices, columns "
            "/jobs/old.txt (7 lines) to /new.txt (9 lines), cast");
  EXPECT_EQ(entries[1].transform.rows->indices, (std::vector<std::int64_t>{4, -1, 0}));
  EXPECT_EQ(std::get<std::string>(entries[1].target), "v");
  EXPECT_EQ(std::get<std::vector<std::string>>(entries[2].target),
            std::vector<std::string>{"v/part_0"});
  EXPECT_EQ(parsed.calls[0].objects,
            (std::vector<std::string>{
                "",
                R"({"cast":true,"columns":{"new_size":9,"new_vocabulary":"/new.txt",)"
                R"("old_size":7,"old_vocabulary":"old.txt"},"reshape":[4,-1],)"
                R"("rows":{"indices":[4,-1,0]},"slice":[[0,2],[3,-1]],"to":"v",)"
                R"("transpose":[1,0]})",
                R"({"to":["v/part_0"]})"}));
}

TEST(job, mistakes_in_entries_are_reported_with_their_place) {
  const auto with_entry = [](const std::string& fields) {
    return refusal(R"({"variables": [], "initialize": [{"checkpoint": "m",
      "assignment_map": {"t": {"to": "v", )" +
                   fields + "}}}]}");
  };
  const std::string at = "initialize[0].assignment_map.t.";
  EXPECT_MENTIONS(with_entry(R"("slice": [[1]])"), at + "slice[0]: expected a pair");
  EXPECT_MENTIONS(with_entry(R"("slice": 3)"), at + "slice: expected a list");
  EXPECT_MENTIONS(with_entry(R"("reshape": [1.5])"), at + "reshape[0]: expected an integer");
  EXPECT_MENTIONS(with_entry(R"("transpose": [-1])"), at + "transpose: there is no dimension -1");
  EXPECT_MENTIONS(with_entry(R"("transpose": [4294967296])"),
                  at + "transpose: there is no dimension 4294967296");
  EXPECT_MENTIONS(with_entry(R"("rows": [1])"), at + "rows: expected an object");
  EXPECT_MENTIONS(with_entry(R"("rows": {})"), at + "rows: field old_vocabulary is missing");
  EXPECT_MENTIONS(with_entry(R"("rows": {"old_vocabulary": "a"})"),
                  at + "rows: field new_vocabulary is missing");
  EXPECT_MENTIONS(with_entry(R"("rows": {"old_vocabulary": "", "new_vocabulary": "b"})"),
                  at + "rows.old_vocabulary: expected the path of a file");
  EXPECT_MENTIONS(with_entry(R"("rows": {"indices": [], "old_size": 1})"),
                  at + "rows.old_size: cannot be given together with indices");
  EXPECT_MENTIONS(with_entry(R"("columns": {"index": []})"), at + "columns.index: unknown field");
  EXPECT_MENTIONS(with_entry(R"("cast": 1)"), at + "cast: expected true or false");
  EXPECT_MENTIONS(with_entry(R"("dimension": 1)"), at + "dimension: unknown field");
  EXPECT_MENTIONS(refusal(R"({"variables": [], "initialize": [{"checkpoint": "m",
                    "assignment_map": {"t": {"transpose": [1, 0]}}}]})"),
                  "initialize[0].assignment_map.t: field to is missing");
}

TEST(job, one_error_lists_every_mistake) {
  const std::string text = refusal(R"({"device": "x", "variables": [{"name": 1}, {"shape": []}],
                                      "initialize": [{"checkpoint": "m"}]})");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4) << text;
}

TEST(job, one_error_lists_every_mistake_of_a_map) {
  const std::string text = refusal(R"({"variables": [], "initialize": [
      {"checkpoint": "m", "assignment_map": {"a": 1, "b": "ok", "c": [2]}, "options": {"cast": 3}},
      {"checkpoint": "m", "assignment_map": [["a"], ["b", "ok"], ["c", null]]}]})");
  for (const char* part : {"initialize[0].assignment_map.a:", "initialize[0].assignment_map.c[0]:",
                           "initialize[0].options.cast:", "initialize[1].assignment_map[0]:",
                           "initialize[1].assignment_map[2][1]:"}) {
    EXPECT_MENTIONS(text, part);
  }
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5) << text;
}

TEST(job, text_that_is_no_job_is_refused) {
  for (const char* text :
       {"", "{", "[]", "null", R"({"variables": {}})", "{\"variables\": []} x", "\xff"}) {
    EXPECT_NE(refusal(text), "parsed") << text;
  }
}

TEST(job, keys_may_not_be_given_twice_at_any_depth) {
  EXPECT_MENTIONS(refusal(R"({"variables": [], "variables": []})"), "\"variables\" occurs twice");
  EXPECT_MENTIONS(refusal(R"({"variables": [{"name": "v", "shape": [], "name": "w"}]})"),
                  "\"name\" occurs twice");
  EXPECT_EQ(refusal(R"({"variables": [{"name": "v", "shape": []}, {"name": "w", "shape": []}]})"),
            "parsed");
}

TEST(job, variables_have_names_of_their_own) {
  EXPECT_EQ(refusal(R"({"variables": [{"name": "a", "shape": []}, {"name": "b", "shape": []},
                                      {"name": "a", "shape": [2]}]})"),
            "variables[2]: variables[0] has the same name, a\n");
}

// Errors of the store also name the file and the place in it.
TEST(job, variables_that_cannot_be_created_are_reported_with_their_place) {
  const test::temporary_directory scratch;
  test::write_file(scratch / "job.json",
                   R"({"variables": [{"name": "p", "shape": [4], "partitions": [2]},
                                     {"name": "p/part_1", "shape": [2]}]})");
  try {
    (void)resolve_job(read_job(scratch / "job.json"), device::host());
    FAIL();
  } catch (const error& bad) {
    EXPECT_EQ(std::string(bad.what()).rfind(scratch / "job.json" + ": variables[1]: ", 0), 0U)
        << bad.what();
  }
}

TEST(job, depth_has_a_limit) {
  const auto nested = [](std::size_t levels) {
    return R"({"device": )" + std::string(levels, '[') + std::string(levels, ']') +
           R"(, "variables": []})";
  };
  EXPECT_MENTIONS(refusal(nested(99)), "device: expected a string");
  EXPECT_MENTIONS(refusal(nested(100)), "more than 100 levels deep");
  EXPECT_MENTIONS(refusal(nested(1'000'000)), "more than 100 levels deep");
  std::string objects = "{\"device\": ";
  for (int i = 0; i < 300'000; ++i) objects += "{\"a\":";
  EXPECT_MENTIONS(refusal(objects), "more than 100 levels deep");
}

TEST(job, numbers_out_of_range_are_refused) {
  EXPECT_MENTIONS(refusal(with_variable(R"("initializer": {"type": "constant", "value": 1e400})")),
                  "1e400");
  EXPECT_MENTIONS(refusal(R"({"variables": [{"name": "v", "shape": [18446744073709551616]}]})"),
                  "variables[0].shape[0]: expected an integer");
}

TEST(job, odd_documents) {
  EXPECT_NE(refusal("{\"variables\": [{\"name\": \"\xff\", \"shape\": [1]}]}"), "parsed");
  EXPECT_NE(refusal("{\"variables\": [NaN]}"), "parsed");
  EXPECT_NE(refusal("// jobs\n{\"variables\": []}"), "parsed");
  EXPECT_EQ(refusal("\xef\xbb\xbf{\"variables\": []}"), "parsed");  // a byte order mark
  EXPECT_EQ(
      parse_job(R"({"variables": [{"name": "a\u0000b", "shape": [1]}]})", "").variables.at(0).name,
      std::string("a\0b", 3));
}

// Every error names the file.
TEST(job, mistakes_name_the_file) {
  const test::temporary_directory scratch;
  for (const char* text :
       {"{", "{\"variables\": [1e400]}", "{\"variables\": 3}", "{\"variables\": [{}, {}]}", "[]"}) {
    test::write_file(scratch / "job.json", text);
    try {
      (void)read_job(scratch / "job.json");
      ADD_FAILURE() << text;
    } catch (const error& bad) {
      for (const problem& one : bad.problems()) {
        EXPECT_EQ(one.code, error_code::invalid_argument);
        EXPECT_EQ(one.message.rfind(scratch / "job.json" + ": ", 0), 0U) << one.message;
      }
    }
  }
}

TEST(job, may_come_from_a_pipe) {
  const test::temporary_directory scratch;
  ASSERT_EQ(mkfifo((scratch / "pipe").c_str(), 0600), 0);
  std::thread writer([&] {
    // Larger than a pipe holds at once.
    test::write_file(scratch / "pipe",
                     "{\"variables\": []" + std::string(200'000, ' ') + ", \"device\": \"cpu:0\"}");
  });
  EXPECT_EQ(read_job(scratch / "pipe").default_device, device("cpu:0"));
  writer.join();
}

TEST(job, an_absent_file_is_refused) {
  const test::temporary_directory scratch;
  try {
    (void)read_job(scratch / "job.json");
    FAIL();
  } catch (const error& bad) {
    EXPECT_EQ(bad.code(), error_code::not_found);
    EXPECT_MENTIONS(std::string(bad.what()), "job.json");
  }
  EXPECT_THROW((void)read_job(scratch.str()), error);
}

}  // namespace
}  // namespace warmstart::detail::cli
