// The program as a shell sees it: what it prints where, and how it ends.

#include "support/program.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "support/expect_mentions.hpp"
#include "support/object_based_model.hpp"
#include "support/paths.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using nlohmann::json;
using test::run_warmstart;

std::set<std::string> files_in(const std::string& directory) {
  std::set<std::string> found;
  for (const auto& one : std::filesystem::directory_iterator(directory)) {
    found.insert(one.path().filename().string());
  }
  return found;
}

class program_test : public testing::Test {
 protected:
  std::string write_job(const std::string& text) const {
    const std::string path = model_.directory() / "job.json";
    test::write_file(path, text);
    return path;
  }
  std::string good_job() const {
    return write_job(R"({"device": "cpu:0", "variables": [
      {"name": "n/w", "shape": [6, 4]},
      {"name": "emb", "shape": [10, 3], "partitions": [2, 1]},
      {"name": "bias", "shape": [2], "initializer": {"type": "ones"}}],
      "initialize": [{"checkpoint": "model.ckpt", "assignment_map": {"a/": "n/", "emb": "emb"}}]})");
  }

  test::small_model model_;
};

TEST_F(program_test, run_answers_in_json_as_the_contract_says) {
  const auto result = run_warmstart({"run", good_job(), "--json", "--verify"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  const json answer = json::parse(result.out);
  EXPECT_EQ(answer.at("status"), "ok");
  const json& rows = answer.at("variables");
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].at("initialized_from"),
            json({{"checkpoint", "model.ckpt"}, {"tensor", "a/w"}}));
  EXPECT_EQ(rows[1].at("name"), "emb/part_0");
  EXPECT_EQ(rows[1].at("initialized_from"),
            json({{"checkpoint", "model.ckpt"}, {"tensor", "emb"}, {"slice", "0,5:0,3"}}));
  EXPECT_EQ(rows[1].at("shape"), json({5, 3}));
  EXPECT_EQ(rows[1].at("verified"), "stored");
  EXPECT_EQ(rows[3].at("initialized_from"), nullptr);
  EXPECT_EQ(rows[3].at("initializer"), "ones");
  EXPECT_EQ(rows[3].at("crc32c"), "0xfc885b61");
  EXPECT_EQ(answer.at("unused_tensors").size(), 3U);
  EXPECT_EQ(answer.at("unused_tensors").at(0),
            json({{"checkpoint", "model.ckpt"}, {"tensor", "a/b"}}));
  EXPECT_EQ(answer.at("bytes_needed"), 216);
  EXPECT_EQ(answer.at("verified"), true);
}

TEST_F(program_test, run_prints_rows_and_what_was_checked_and_verified) {
  const auto result = run_warmstart({"run", good_job(), "--verify"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");  // no progress: it is no terminal
  EXPECT_EQ(result.out.substr(0, result.out.find(", read ")),
            "variable    device  from    slice    bytes  crc32c      verified\n"
            "n/w         cpu:0   a/w     0,6:0,4   96 B  0xfa8204b0  stored\n"
            "emb/part_0  cpu:0   emb     0,5:0,3   60 B  0x7eda3f74  stored\n"
            "emb/part_1  cpu:0   emb     5,5:0,3   60 B  0xf566d62a  stored\n"
            "bias        cpu:0   (ones)             8 B  0xfc885b61\n"
            "\n"
            "unused: a/b of model.ckpt\n"
            "unused: names of model.ckpt\n"
            "unused: table of model.ckpt\n"
            "4 rows; needed 216 B");
  EXPECT_MENTIONS(result.out,
                  "\nchecked while reading: all 216 B\n"
                  "verified in memory: all 3 rows from checkpoints, with stored checksums\n");
  EXPECT_EQ(run_warmstart({"run", good_job()}).out.find("verified"), std::string::npos);
  const auto with_bar = run_warmstart({"run", good_job(), "--progress", "always"});
  EXPECT_MENTIONS(with_bar.err, "100%");
  EXPECT_EQ(with_bar.out.find('\r'), std::string::npos);
}

TEST_F(program_test, run_says_what_was_kept_and_what_was_not_checked) {
  const std::string job = write_job(R"({"device": "cpu:0", "variables": [
      {"name": "n/w", "shape": [6, 4]}, {"name": "n/extra", "shape": [2]}],
      "initialize": [{"checkpoint": "model.ckpt", "assignment_map": {"a/": "n/"},
                      "options": {"missing": "keep"}}]})");
  const auto text = run_warmstart({"run", job, "--checksums", "off"});
  EXPECT_MENTIONS(text.out, "\nkept: n/extra, whose tensor is not in model.ckpt\n");
  EXPECT_MENTIONS(text.out, "\nchecked while reading: 0 B of 96 B (--checksums off)\n");
  EXPECT_EQ(json::parse(run_warmstart({"run", job, "--json"}).out).at("kept"),
            json::parse(R"([{"variable": "n/extra", "checkpoint": "model.ckpt"}])"));
  EXPECT_FALSE(json::parse(run_warmstart({"run", good_job(), "--json"}).out).contains("kept"));
}

TEST_F(program_test, many_rows_are_summed_up) {
  std::string variables = R"({"name": "w", "shape": [6, 4]})";
  for (int i = 0; i < 40; ++i) {
    variables += R"(, {"name": "v)" + std::to_string(i) + R"(", "shape": [2]})";
  }
  const std::string job = write_job(R"({"device": "cpu:0", "variables": [)" + variables +
                                    R"(], "initialize": [{"checkpoint": "model.ckpt",
                                        "assignment_map": {"a/w": "w"}}]})");
  const auto few = run_warmstart({"run", job, "--verify"});
  EXPECT_EQ(few.out.substr(0, few.out.find("\n\n")),
            "device  checkpoint      rows  bytes  checked  verified\n"
            "cpu:0   (initializers)    40  320 B\n"
            "cpu:0   model.ckpt         1   96 B        1         1");
  const auto all = run_warmstart({"run", job, "--rows"});
  EXPECT_MENTIONS(all.out, "\nv39       cpu:0   (zeros)");
  const auto none = run_warmstart({"run", job, "--quiet"});
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_EQ(none.out + none.err, "");
  EXPECT_NE(run_warmstart({"run", job + "x", "--quiet"}).err, "");
}

TEST_F(program_test, plan_lists_many_rows_on_request) {
  std::string variables;
  std::string map;
  for (int i = 0; i < 41; ++i) {
    const std::string name = "v" + std::to_string(i);
    variables += (i == 0 ? "" : ", ") + (R"({"name": ")" + name + R"(", "shape": [6, 4]})");
    map += (i == 0 ? "" : ", ") + (R"(["a/w", ")" + name + R"("])");
  }
  const std::string job = write_job(
      R"({"device": "cpu:0", "variables": [)" + variables +
      R"(], "initialize": [{"checkpoint": "model.ckpt", "assignment_map": [)" + map + "]}]}");
  EXPECT_MENTIONS(run_warmstart({"plan", job}).out,
                  "from model.ckpt\n41 rows assigned, 3.8 KiB; 0 kept (--rows lists them)\n");
  EXPECT_MENTIONS(run_warmstart({"plan", job, "--rows"}).out, "\nv40             cpu:0   a/w");
}

// One line must not contradict the other.
TEST_F(program_test, run_says_what_cannot_be_checked_and_what_helps) {
  const std::string path = model_.directory() / "m.safetensors";
  test::write_file(
      path, test::read_file(test::data_path("formats/checkpoints/st_basic/model.safetensors")));
  const json tensors = json::parse(run_warmstart({"inspect", path, "--json"}).out).at("tensors");
  std::string tensor;
  json shape;
  for (const json& one : tensors) {
    if (one.at("dtype") == "float32" && one.at("bytes") > 0) {
      tensor = one.at("name");
      shape = one.at("shape");
    }
  }
  const std::string job =
      write_job(json({{"device", "cpu:0"},
                      {"variables", {{{"name", "v"}, {"shape", shape}}}},
                      {"initialize",
                       {{{"checkpoint", "m.safetensors"}, {"assignment_map", {{tensor, "v"}}}}}}})
                    .dump());
  const auto text = run_warmstart({"run", job, "--verify"});
  EXPECT_MENTIONS(text.out,
                  "\n  m.safetensors has no checksums: `warmstart checksum` writes some beside it\n"
                  "verified in memory: all 1 row from checkpoints, with checksums of what was "
                  "read\n");
  const json answer = json::parse(run_warmstart({"run", job, "--json"}).out);
  EXPECT_EQ(answer.at("bytes_unchecked"), answer.at("bytes_needed"));
  EXPECT_EQ(answer.at("variables").at(0).at("checked"), false);
  ASSERT_EQ(run_warmstart({"checksum", path}).exit_code, 0);
  EXPECT_MENTIONS(run_warmstart({"run", job}).out, "\nchecked while reading: all ");
}

TEST_F(program_test, run_without_verify_says_nothing_of_it) {
  const json answer = json::parse(run_warmstart({"run", good_job(), "--json"}).out);
  EXPECT_FALSE(answer.contains("verified"));
  EXPECT_FALSE(answer.at("variables").at(0).contains("verified"));
  EXPECT_EQ(answer.at("bytes_unchecked"), 0);
}

TEST_F(program_test, run_dumps_each_row) {
  const std::string dump = model_.directory() / "dump";
  std::filesystem::create_directory(dump);
  EXPECT_EQ(run_warmstart({"run", good_job(), "--dump", dump}).exit_code, 0);
  const std::string part = test::read_file(dump + "/emb%2Fpart_1.npy");
  EXPECT_EQ(part.rfind("\x93NUMPY", 0), 0U);
  const auto last = test::counted<float>(30);
  EXPECT_EQ(part.substr(part.size() - 60), test::bytes_of(last).substr(60));
  EXPECT_TRUE(std::filesystem::exists(dump + "/n%2Fw.npy"));
  EXPECT_TRUE(std::filesystem::exists(dump + "/bias.npy"));
  EXPECT_EQ(run_warmstart({"run", good_job(), "--dump", dump + "/made/here"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(dump + "/made/here/bias.npy"));
  const auto refused = run_warmstart({"run", good_job(), "--dump", dump + "/bias.npy"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_MENTIONS(refused.err, "/bias.npy: cannot be created: Not a directory\n");
}

TEST_F(program_test, run_dumps_nothing_where_two_rows_would_share_a_file) {
  const std::string dump = model_.directory() / "dump";
  std::filesystem::create_directory(dump);
  const std::string job = write_job(R"({"device": "cpu:0", "variables": [
      {"name": "a", "shape": [2], "replicas": ["cpu:0", "cuda:0"]},
      {"name": "a.cuda:0", "shape": [2]}]})");
  const auto refused = run_warmstart({"run", job, "--json", "--dump", dump});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(json::parse(refused.out).at("errors").at(0).at("code"), "invalid_argument");
  EXPECT_EQ(files_in(dump), std::set<std::string>{});
}

// At a limit that is reached in the middle of the second row; the system ends the program there, or
// (where that is ignored) refuses to write more.
TEST_F(program_test, a_failed_dump_leaves_no_incomplete_file) {
  const std::string job = write_job(R"({"device": "cpu:0", "variables": [
      {"name": "w", "shape": [6, 4]}, {"name": "table", "shape": [64, 8]}],
      "initialize": [{"checkpoint": "model.ckpt", "assignment_map": {"a/w": "w", "table": "table"}}]})");
  for (const std::string reaction : {"", "trap '' XFSZ; "}) {
    const std::string dump = model_.directory() / (reaction.empty() ? "ended" : "refused");
    std::filesystem::create_directory(dump);
    const auto result =
        test::run_program({"/bin/sh", "-c", reaction + "ulimit -f 1; exec \"$@\"", "sh",
                           test::program_path(), "run", job, "--json", "--dump", dump});
    EXPECT_EQ(std::filesystem::file_size(dump + "/w.npy"), 128U + 96U);
    EXPECT_FALSE(std::filesystem::exists(dump + "/table.npy"));
    if (reaction.empty()) continue;
    EXPECT_EQ(result.exit_code, 1);
    const json answer = json::parse(result.out);
    EXPECT_EQ(answer.at("errors").at(0).at("code"), "io");
    EXPECT_EQ(answer.at("errors").at(0).at("message"),
              dump + "/table.npy: cannot be written: File too large");
    EXPECT_EQ(files_in(dump), std::set<std::string>{"w.npy"});
  }
}

TEST_F(program_test, run_writes_a_trace) {
  const std::string path = model_.directory() / "trace.json";
  const auto result = run_warmstart({"run", good_job(), "--json", "--trace", path});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::int64_t read = 0;
  const json trace = json::parse(test::read_file(path));
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("name") == "read") read += event.at("args").at("bytes").get<std::int64_t>();
  }
  EXPECT_EQ(read, json::parse(result.out).at("bytes_read"));
}

// The trace must not get the number of the closed descriptor, and with it the progress bar.
TEST_F(program_test, a_closed_standard_error_does_not_become_the_trace) {
  const std::string path = model_.directory() / "trace.json";
  for (const std::string closed : {"2>&-", "<&- 2>&-"}) {
    const auto result =
        test::run_program({"/bin/sh", "-c", "exec \"$@\" " + closed, "sh", test::program_path(),
                           "run", good_job(), "--trace", path, "--progress", "always"});
    EXPECT_EQ(result.exit_code, 0) << closed;
    EXPECT_TRUE(json::parse(test::read_file(path)).contains("traceEvents")) << closed;
    std::filesystem::remove(path);
  }
}

TEST_F(program_test, a_closed_standard_output_is_an_error) {
  const auto result = test::run_program(
      {"/bin/sh", "-c", "exec \"$@\" >&-", "sh", test::program_path(), "run", good_job()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_MENTIONS(result.err, "standard output: Bad file descriptor");
}

// Said before anything is loaded: progress is not shown.
TEST_F(program_test, run_refuses_an_unwritable_trace) {
  const std::string pipe = model_.directory() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string job = good_job();
  for (const std::string& path : {job + "/x", model_.directory().str(), pipe}) {
    const auto refused =
        run_warmstart({"run", job, "--json", "--progress", "always", "--trace", path});
    EXPECT_EQ(refused.exit_code, 1) << path;
    const json problem = json::parse(refused.out).at("errors").at(0);
    EXPECT_EQ(problem.at("code"), "io") << path;
    EXPECT_MENTIONS(problem.at("message").get<std::string>(), path);
    EXPECT_EQ(refused.err, "") << path;
  }
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
}

TEST_F(program_test, run_accepts_every_option) {
  for (const std::vector<std::string>& options :
       std::vector<std::vector<std::string>>{{"--device", "cpu:0"},
                                             {"--budget", "8MiB"},
                                             {"--budget", "8388608"},
                                             {"--threads", "3"},
                                             {"--threads", "0"},
                                             {"--checksums", "off"},
                                             {"--partial-checksums", "always"},
                                             {"--partial-checksums", "never"},
                                             {"--io", "auto"},
                                             {"--io", "buffered"},
                                             {"--io", "mapped"}}) {
    std::vector<std::string> command = {"run", good_job(), "--json", "--verify"};
    command.insert(command.end(), options.begin(), options.end());
    const auto result = run_warmstart(command);
    EXPECT_EQ(result.exit_code, 0) << options[0] << ' ' << options[1] << result.out << result.err;
  }
  const auto no_device = run_warmstart({"run", good_job(), "--json", "--device", "cuda:7"});
  EXPECT_EQ(no_device.exit_code, 1);
  EXPECT_EQ(json::parse(no_device.out).at("errors").at(0).at("code"), "device");
  const auto too_small = run_warmstart({"run", good_job(), "--json", "--budget", "16"});
  EXPECT_EQ(json::parse(too_small.out).at("errors").at(0).at("code"), "out_of_memory");
}

TEST_F(program_test, map_proposes_for_a_job_and_for_a_checkpoint) {
  const std::string job = write_job(R"({"variables": [
      {"name": "n/w", "shape": [4, 6]}, {"name": "n/b", "dtype": "int64", "shape": [5]},
      {"name": "other", "shape": [2]}]})");
  const auto text = run_warmstart({"map", model_.path(), job});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_EQ(
      text.out,
      "{\n  \"a/w\": {\n    \"to\": \"n/w\",\n    \"transpose\": [\n      1,\n      0\n    ]\n"
      "  },\n  \"a/b\": {\n    \"to\": \"n/b\",\n    \"cast\": true\n  }\n}\n"
      "\nno tensor for other\nunused: emb\nunused: names\nunused: table\n"
      "2 of 3 variables proposed\n");
  const json same = json::parse(run_warmstart({"map", model_.path(), model_.path(), "--json"}).out);
  EXPECT_EQ(same.at("assignment_map"),
            json({{"a/b", "a/b"}, {"a/w", "a/w"}, {"emb", "emb"}, {"table", "table"}}));
  EXPECT_EQ(same.at("questions"), json::array());
  EXPECT_EQ(run_warmstart({"map", model_.path(), "nothing.json"}).exit_code, 1);
}

TEST_F(program_test, verify_says_where_there_is_nothing_to_compare) {
  const std::string path = test::data_path("formats/checkpoints/st_basic/model.safetensors");
  const auto text = run_warmstart({"verify", path, "--progress", "always"});
  EXPECT_EQ(text.exit_code, 3);
  EXPECT_EQ(text.out, "");
  EXPECT_EQ(text.err,
            "warmstart: unsupported: " + path +
                ": cannot be checked: it has no checksums; `warmstart checksum` writes some "
                "beside it\n");  // no progress: nothing was read
  const auto as_json = run_warmstart({"verify", path, "--json"});
  EXPECT_EQ(as_json.exit_code, 3);
  EXPECT_EQ(json::parse(as_json.out).at("status"), "error");
  EXPECT_EQ(json::parse(as_json.out).at("errors").at(0).at("code"), "unsupported");
  EXPECT_EQ(
      json::parse(run_warmstart({"verify", model_.path(), "--json"}).out).at("bytes_unchecked"), 0);
}

TEST_F(program_test, verify_and_checksum_take_threads_format_and_progress) {
  const std::string path = model_.directory() / "m.safetensors";
  test::write_file(
      path, test::read_file(test::data_path("formats/checkpoints/st_basic/model.safetensors")));
  for (const char* command : {"checksum", "verify"}) {
    const auto result = run_warmstart(
        {command, path, "--threads", "2", "--format", "safetensors", "--progress", "always"});
    EXPECT_EQ(result.exit_code, 0) << command << result.err;
    EXPECT_MENTIONS(result.err, "100%  ");
    EXPECT_EQ(run_warmstart({command, path, "--progress", "never"}).err, "") << command;
    const auto refused = run_warmstart({command, path, "--format", "torch"});
    EXPECT_EQ(refused.exit_code, 1) << command;
  }
}

TEST_F(program_test, checksums_beside_a_checkpoint_find_damage) {
  const std::string path = model_.directory() / "m.safetensors";
  const std::string whole =
      test::read_file(test::data_path("formats/checkpoints/st_basic/model.safetensors"));
  test::write_file(path, whole);
  const auto written = run_warmstart({"checksum", path});
  EXPECT_EQ(written.exit_code, 0) << written.err;
  EXPECT_EQ(written.out, "written: " + path + ".crc32c.json\n");
  EXPECT_MENTIONS(run_warmstart({"verify", path}).out, "every checksum agrees\n");
  std::string damaged = whole;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  test::write_file(path, damaged);
  const auto found = run_warmstart({"verify", path, "--json"});
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_EQ(json::parse(found.out).at("errors").at(0).at("code"), "corrupt");
  test::write_file(path, whole + "x");
  EXPECT_EQ(run_warmstart({"verify", path}).exit_code, 1);
  const auto none = run_warmstart({"checksum", model_.path(), "--json"});
  EXPECT_EQ(json::parse(none.out).at("errors").at(0).at("code"), "unsupported");
}

// A checkpoint that was downloaded may bring links with it.
TEST_F(program_test, checksum_writes_only_the_file_that_it_names) {
  const std::string directory = model_.directory() / "downloaded";
  const std::string path = directory + "/m.safetensors";
  test::write_file(
      path, test::read_file(test::data_path("formats/checkpoints/st_basic/model.safetensors")));
  const std::string victim = model_.directory() / "victim";
  for (const std::string link : {".crc32c.json.part", ".crc32c.json"}) {
    test::write_file(victim, "precious");
    std::filesystem::create_symlink("../victim", path + link);
    const auto written = run_warmstart({"checksum", path});
    EXPECT_EQ(written.exit_code, 0) << written.err;
    EXPECT_EQ(test::read_file(victim), "precious") << link;
    EXPECT_TRUE(json::parse(test::read_file(path + ".crc32c.json")).contains("files"));
    std::filesystem::remove(path + ".crc32c.json");
  }
}

TEST_F(program_test, plan_moves_nothing) {
  const auto text = run_warmstart({"plan", good_job()});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_MENTIONS(text.out, "emb          1  cpu:0   emb     5,5:0,3");
  EXPECT_MENTIONS(text.out, "needed 216 B, 0 B of them without a checksum; read ");
  const json answer = json::parse(run_warmstart({"plan", good_job(), "--json"}).out);
  EXPECT_EQ(answer.at("status"), "ok");
  EXPECT_EQ(answer.at("calls").at(0).at("assignments").size(), 3U);
  EXPECT_EQ(answer.at("plan").at("bytes_needed"), 216);
  EXPECT_EQ(answer.at("plan").at("devices").at(0).at("device"), "cpu:0");
}

TEST_F(program_test, inspect_shows_full_names_and_slots) {
  const test::object_based_model source;
  const auto text = run_warmstart({"inspect", source.path()});
  EXPECT_MENTIONS(text.out, "VARIABLE_VALUE  slot m of dense/kernel (optimizer opt)  ");
  EXPECT_MENTIONS(text.out, "VARIABLE_VALUE                        dense/kernel  ");
  EXPECT_MENTIONS(text.out, "  Variable (shadowed by model/b/.ATTRIBUTES/VARIABLE_VALUE)  ");
  const json answer = json::parse(run_warmstart({"inspect", source.path(), "--json"}).out);
  std::map<std::string, json> tensors;
  for (const json& one : answer.at("tensors")) tensors[one.at("name")] = one;
  EXPECT_EQ(tensors.at(test::value_key("model/dense/kernel")).at("full_name"), "dense/kernel");
  EXPECT_EQ(tensors.at(test::value_key("model/a")).at("shadowed_by"), test::value_key("model/b"));
  EXPECT_FALSE(tensors.at(test::value_key("model/b")).contains("shadowed_by"));
  EXPECT_EQ(tensors.at(test::value_key("model/dense/kernel/.OPTIMIZER_SLOT/opt/m")).at("slot"),
            json({{"name", "m"}, {"variable", "dense/kernel"}, {"optimizer", "opt"}}));
  EXPECT_FALSE(answer.contains("names_missing"));
  std::filesystem::remove(source.path() + ".data-00000-of-00001");
  EXPECT_MENTIONS(run_warmstart({"inspect", source.path()}).out,
                  "\nnames of variables are not known: ");
  EXPECT_MENTIONS(run_warmstart({"inspect", source.path(), "--json"}).out, "\"names_missing\": ");
}

TEST_F(program_test, plan_reports_names_of_several_tensors) {
  const test::object_based_model source;
  const std::string job = write_job(R"({"device": "cpu:0", "variables": [
      {"name": "v", "shape": [2]}], "initialize": [{"checkpoint": ")" +
                                    source.path() + R"(", "assignment_map": {"Variable": "v"}}]})");
  EXPECT_MENTIONS(run_warmstart({"plan", job}).out,
                  "ambiguous: Variable means model/b/.ATTRIBUTES/VARIABLE_VALUE; other tensors of "
                  "that name: 1\n");
  const json answer = json::parse(run_warmstart({"plan", job, "--json"}).out);
  EXPECT_EQ(answer.at("calls").at(0).at("ambiguous"),
            json({{{"name", "Variable"}, {"tensor", test::value_key("model/b")}, {"others", 1}}}));
  const json run = json::parse(run_warmstart({"run", job, "--json"}).out);
  EXPECT_EQ(run.at("variables").at(0).at("initialized_from").at("tensor"),
            test::value_key("model/b"));
}

TEST_F(program_test, inspect_lists_tensors) {
  const auto text = run_warmstart({"inspect", model_.path()});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_MENTIONS(text.out, "emb     float32  [10,3]");
  EXPECT_MENTIONS(text.out, "0,4:0,3 4,3:0,3 7,3:0,3");
  EXPECT_MENTIONS(text.out, "5 tensors, 2.2 KiB in 1 file\n");
  EXPECT_MENTIONS(text.out, "names: a string tensor cannot be a device variable");
  const json answer = json::parse(run_warmstart({"inspect", model_.path(), "--json"}).out);
  EXPECT_EQ(answer.at("tensors").size(), 5U);
  EXPECT_EQ(answer.at("tensors").at(2).at("slices").size(), 3U);
  EXPECT_EQ(answer.at("tensors").at(1).at("bytes"), 96);
  EXPECT_EQ(answer.at("bytes"), 2288);
}

TEST_F(program_test, inspect_shows_what_is_asked_for) {
  EXPECT_MENTIONS(run_warmstart({"inspect", model_.path(), "--filter", "a/"}).out,
                  "2 tensors, 116 B in 1 file\n");
  EXPECT_MENTIONS(run_warmstart({"inspect", model_.path(), "--filter", "*mb"}).out, "1 tensor, ");
  EXPECT_MENTIONS(run_warmstart({"inspect", model_.path(), "--filter", "*m"}).out, "0 tensors, ");
  const json some =
      json::parse(run_warmstart({"inspect", model_.path(), "--filter", "a/?", "--json"}).out);
  EXPECT_EQ(some.at("tensors").size(), 2U);
  EXPECT_EQ(some.at("bytes"), 116);
  const auto tree = run_warmstart({"inspect", model_.path(), "--tree", "--filter", "a/"});
  EXPECT_MENTIONS(tree.out, "a/           2");
  EXPECT_MENTIONS(tree.out, "  w             float32  [6,4]   96 B\n");
  EXPECT_MENTIONS(tree.out, "2 tensors, 116 B in 1 file\n");
}

TEST_F(program_test, inspect_shows_gaps_and_sums_that_fit_no_number) {
  test::bundle_writer writer;
  writer.partitioned("gap", dtype::uint8, {10},
                     {{slice::parse("0,3"), "abc"}, {slice::parse("5,5"), "fghij"}});
  for (const char* name : {"huge", "huger"}) {
    writer.raw(name, test::bundle_writer::record({.type = static_cast<std::int64_t>(dtype::string),
                                                  .sizes = {3},
                                                  .size = INT64_MAX - 9}));
  }
  writer.write(model_.directory() / "odd");
  const auto text = run_warmstart({"inspect", model_.directory() / "odd"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_EQ(text.err, "");
  EXPECT_MENTIONS(text.out, "0,3 5,5 (2 of 10 elements missing)");
  EXPECT_MENTIONS(text.out, "8.0 EiB in 1 file");
  const json answer =
      json::parse(run_warmstart({"inspect", model_.directory() / "odd", "--json"}).out);
  EXPECT_EQ(answer.at("tensors").at(0).at("missing_elements"), 2);
  EXPECT_FALSE(answer.at("tensors").at(1).contains("missing_elements"));
}

TEST_F(program_test, verify_names_each_bad_tensor) {
  EXPECT_EQ(run_warmstart({"verify", model_.path()}).exit_code, 0);
  model_.damage(3);
  model_.damage(200);
  const auto text = run_warmstart({"verify", model_.path()});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_MENTIONS(text.out, "a/w");
  EXPECT_MENTIONS(text.out, "table");
  EXPECT_MENTIONS(text.out, "2 problems");
  const auto answer = run_warmstart({"verify", model_.path(), "--json"});
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_EQ(json::parse(answer.out).at("status"), "error");
  EXPECT_EQ(json::parse(answer.out).at("errors").size(), 2U);
}

TEST_F(program_test, devices_has_the_host_first) {
  const auto text = run_warmstart({"devices"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_EQ(text.out.rfind("device", 0), 0U) << text.out;
  EXPECT_MENTIONS(text.out, "\ncpu:0 ");
  const json answer = json::parse(run_warmstart({"devices", "--json"}).out);
  const json& host = answer.at("devices").at(0);
  EXPECT_EQ(host.at("device"), "cpu:0");
  EXPECT_GE(host.at("total_bytes"), host.at("free_bytes"));
  EXPECT_EQ(host.at("peers"), json::array());
  EXPECT_EQ(host.at("emulated"), false);
}

TEST_F(program_test, every_answer_in_json_has_a_status) {
  const std::string path = model_.path();
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"inspect", path},
                                             {"verify", path},
                                             {"map", path, path},
                                             {"plan", good_job()},
                                             {"run", good_job()},
                                             {"devices"}}) {
    std::vector<std::string> as_json = command;
    as_json.emplace_back("--json");
    const json answer = json::parse(run_warmstart(as_json).out);
    EXPECT_EQ(answer.value("status", ""), "ok") << command[0];
    if (command.size() == 1) continue;
    as_json[1] = model_.directory() / "nothing";
    const json refusal = json::parse(run_warmstart(as_json).out);
    EXPECT_EQ(refusal.value("status", ""), "error") << command[0];
    EXPECT_EQ(refusal.at("errors").at(0).at("code"), "not_found") << command[0];
  }
}

TEST_F(program_test, errors_go_to_standard_error_one_a_line) {
  const std::string job = write_job(R"({"variables": [{"name": "v", "shape": [1]}],
    "initialize": [{"checkpoint": "model.ckpt", "assignment_map": {"nowhere": "v", "a/w": "v"}}]})");
  const auto text = run_warmstart({"run", job, "--device", "cpu:0"});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_EQ(text.out, "");
  EXPECT_EQ(text.err.rfind("warmstart: mismatch: variable v", 0), 0U) << text.err;
  EXPECT_MENTIONS(text.err, "\nwarmstart: not_found: tensor nowhere");
  const auto as_json = run_warmstart({"run", job, "--device", "cpu:0", "--json"});
  EXPECT_EQ(as_json.exit_code, 1);
  EXPECT_EQ(as_json.err, "");
  const json answer = json::parse(as_json.out);
  EXPECT_EQ(answer.at("status"), "error");
  EXPECT_EQ(answer.at("errors").at(0).at("variable"), "v");
  EXPECT_EQ(answer.at("errors").at(1).at("tensor"), "nowhere");
}

TEST_F(program_test, every_failure_is_one_json_object) {
  const std::string job = write_job(
      R"({"variables": [{"name": "v", "shape": [1],
                         "initializer": {"type": "constant", "value": 1e400}}]})");
  const auto result = run_warmstart({"run", job, "--json"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "");
  const json problem = json::parse(result.out).at("errors").at(0);
  EXPECT_EQ(problem.at("code"), "invalid_argument");
  EXPECT_MENTIONS(problem.at("message").get<std::string>(), job);
  EXPECT_MENTIONS(problem.at("message").get<std::string>(), "1e400");
}

TEST_F(program_test, damage_is_exit_status_1) {
  const std::string job = good_job();
  model_.damage(3);
  const auto result = run_warmstart({"run", job, "--json"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(json::parse(result.out).at("errors").at(0).at("code"), "corrupt");
  EXPECT_EQ(run_warmstart({"inspect", model_.directory() / "nothing"}).exit_code, 1);
}

TEST_F(program_test, bad_usage_is_exit_status_2) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {},
           {"dance"},
           {"run"},
           {"run", "job.json", "--fast"},
           {"run", "a", "b"},
           {"run", "job.json", "--checksums", "maybe"},
           {"run", "job.json", "--budget", "-1"},
           {"run", "job.json", "--budget", "0"},
           {"run", "job.json", "--budget", "99999999999999999999"},
           {"run", "job.json", "--threads", "-1"},
           {"inspect"},
           {"inspect", "model.ckpt", "--tree", "--json"},
           {"inspect", "model.ckpt", "--depth", "1"},
           {"inspect", "model.ckpt", "--tree", "--depth", "0"},
           {"run", "job.json", "--device", "gpu"}}) {
    const auto result = run_warmstart(command);
    EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(command) << result.out;
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err, "");
  }
}

TEST_F(program_test, bad_usage_is_explained_in_plain_words) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{}, "warmstart: expected a command\nSee warmstart --help.\n"},
      {{"runn", "x"}, "warmstart: there is no command runn; did you mean run?\n"},
      {{"dance"}, "warmstart: there is no command dance\n"},
      {{"run"},
       "warmstart run: JOB is missing: Job file, or - for standard input\nSee warmstart run "
       "--help.\n"},
      {{"run", "a", "b"}, "warmstart run: unexpected argument 'b'\n"},
      {{"run", "a", "--verfy"},
       "warmstart run: there is no option --verfy; did you mean --verify?\n"},
      {{"run", "a", "--checksums", "yes"},
       "warmstart run: --checksums: expected on or off, found 'yes'\n"},
      {{"run", "a", "--io", "fast"},
       "--io: expected auto, buffered, direct or mapped, found 'fast'\n"},
      {{"run", "a", "--budget", "10X"},
       "warmstart run: --budget: expected a number of bytes of at least 1, such as 67108864 or "
       "64MiB, found '10X'\n"},
      {{"run", "a", "--budget"}, "warmstart run: --budget needs a value: BYTES\n"},
      {{"run", "a", "--threads", "many"},
       "--threads: expected a number from 0 to 1024, found 'many'\n"},
      {{"run", "a", "--quiet", "--json"},
       "warmstart run: --json cannot be given together with --quiet\n"}};
  for (const auto& [command, expected] : cases) {
    const auto result = run_warmstart(command);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_MENTIONS(result.err, expected);
  }
}

TEST_F(program_test, swapped_arguments_are_recognized) {
  const std::string job = good_job();
  const std::string safetensors = test::data_path("formats/checkpoints/st_basic/model.safetensors");
  for (const std::string& path : {model_.path(), safetensors, model_.path() + ".index"}) {
    for (const char* command : {"run", "plan"}) {
      const auto refused = run_warmstart({command, path});
      EXPECT_EQ(refused.exit_code, 1) << path;
      EXPECT_MENTIONS(refused.err, path + ": expected a job file, found a checkpoint (");
    }
  }
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"inspect", job}, {"verify", job}, {"map", job, model_.path()}}) {
    const auto refused = run_warmstart(command);
    EXPECT_EQ(refused.exit_code, 1) << command[0];
    EXPECT_MENTIONS(refused.err, job + ": expected a checkpoint, found a job file");
  }
}

// Paths in it are relative to where the program runs.
TEST_F(program_test, a_job_may_come_from_standard_input) {
  const std::string directory = model_.directory().str();
  const auto run = [&](const std::string& command) {
    return test::run_program({"/bin/sh", "-c", "cd \"$1\" && \"$2\" " + command + " < \"$3\"", "sh",
                              directory, test::program_path(), good_job()});
  };
  EXPECT_EQ(json::parse(run("run - --json").out).at("variables").size(), 4U);
  EXPECT_EQ(json::parse(run("plan - --json").out).at("status"), "ok");
  EXPECT_MENTIONS(run("map model.ckpt -").out, "\"n/w\"");
  const auto refused =
      test::run_program({"/bin/sh", "-c", "echo '{' | \"$1\" run -", "sh", test::program_path()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_MENTIONS(refused.err, "standard input: the job is not valid JSON: line ");
}

TEST_F(program_test, help_and_version) {
  const auto version_result = run_warmstart({"--version"});
  EXPECT_EQ(version_result.out, "warmstart " + std::string(version()) + "\n");
  EXPECT_EQ(version_result.exit_code, 0);
  const auto help = run_warmstart({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* command :
       {"inspect", "verify", "checksum", "map", "plan", "run", "devices", "Exit status"}) {
    EXPECT_MENTIONS(help.out, command);
  }
  EXPECT_MENTIONS(run_warmstart({"run", "--help"}).out, "always|when-half|never");
  for (const char* command : {"plan", "run"}) {
    EXPECT_MENTIONS(run_warmstart({command, "--help"}).out, "\n  {\"device\": \"cpu:0\",\n");
  }
  for (const char* column : {"landed", "copied", "scattered", "converted", "relayed", "link"}) {
    EXPECT_MENTIONS(run_warmstart({"plan", "--help"}).out, "\n  " + std::string(column) + " ");
  }
}

TEST_F(program_test, unwritable_output_is_an_error) {
  const auto result = run_warmstart({"run", good_job(), "--json"}, "/dev/full");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_MENTIONS(result.err, "standard output");
}

TEST_F(program_test, replicas_have_rows_of_their_own) {
  // Replicas need a device each, and this machine may have one: the plan knows them all the same.
  const std::string job = write_job(R"({"variables": [
      {"name": "w", "shape": [6, 4], "replicas": ["cpu:0", "cuda:0", "cuda:1"]}],
      "initialize": [{"checkpoint": "model.ckpt", "assignment_map": {"a/w": "w"}}]})");
  const json answer = json::parse(run_warmstart({"plan", job, "--json"}).out);
  EXPECT_EQ(answer.at("calls").at(0).at("assignments").size(), 3U);
  EXPECT_EQ(answer.at("plan").at("devices").size(), 3U);
  EXPECT_EQ(answer.at("plan").at("bytes_read"), 96);
  // What is there is loaded (several: run_initializers_test).
  const std::string one = write_job(R"({"device": "cpu:0", "variables": [
      {"name": "w", "shape": [6, 4], "partitions": [2, 1], "replicas": ["cpu:0"]}],
      "initialize": [{"checkpoint": "model.ckpt", "assignment_map": {"a/w": "w"}}]})");
  const json run = json::parse(run_warmstart({"run", one, "--json", "--verify"}).out);
  ASSERT_EQ(run.at("variables").size(), 2U);
  EXPECT_EQ(run.at("variables").at(1).at("name"), "w/part_1");
  EXPECT_EQ(run.at("variables").at(1).at("device"), "cpu:0");
  EXPECT_EQ(run.at("verified"), true);
}

}  // namespace
}  // namespace warmstart::detail
