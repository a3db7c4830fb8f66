// Files that others change while they are read, and that several read at once: what is loaded is
// what was there when the checkpoint was opened, or the load fails.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "damage/changes.hpp"
#include "damage/load_through.hpp"
#include "support/program.hpp"
#include "support/scripted_calls.hpp"
#include "support/small_model.hpp"

namespace warmstart::detail {
namespace {

using test::bundle_writer;

/// A checkpoint whose data take many reads. Its file is an hour old.
class changing_file : public testing::Test {
 protected:
  static constexpr std::int64_t COUNT = 100'000;

  void write(const std::string& prefix, float first) const {
    std::vector<float> values = test::counted<float>(COUNT);
    for (float& value : values) value += first;
    bundle_writer writer;
    writer.tensor("t", dtype::float32, {COUNT}, test::bytes_of(values));
    writer.write(scratch_ / prefix);
    std::filesystem::last_write_time(
        data(prefix), std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  }
  [[nodiscard]] std::string data(const std::string& prefix) const {
    return scratch_ / prefix + ".data-00000-of-00001";
  }

  /// Loads while `change` happens before one of the reads. What was loaded, or nothing.
  template <class Change>
  std::vector<std::byte> load(int at, bool checksums, Change change) {
    const auto calls = std::make_shared<test::scripted_calls>();
    calls->before_read = [&](int number) {
      if (number == at) change();
    };
    plan_options options;
    options.chunk_bytes = min_chunk_bytes;
    options.checksums = checksums;
    try {
      return test::load_through(*system_files(calls), scratch_ / "m", engine_, options).at("t");
    } catch (const error& refused) {
      EXPECT_NE(std::string(refused.what()).find(data("m")), std::string::npos) << refused.what();
      return {};
    }
  }

  /// Changes the file before each of its reads, with checksums and without.
  template <class Change, class Check>
  void at_every_read(Change change, Check check) {
    constexpr int READS_OF_INDEX = 4;
    constexpr int READS_OF_DATA = 7;
    int changes = 0;
    for (const bool checksums : {true, false}) {
      for (int at = READS_OF_INDEX; at < READS_OF_INDEX + READS_OF_DATA; ++at) {
        write("m", 0);
        check(load(at, checksums, [&] {
          ++changes;
          change();
        }));
      }
    }
    EXPECT_EQ(changes, 2 * READS_OF_DATA);
  }

  [[nodiscard]] std::vector<std::byte> old_values() const {
    return bundle_writer::bytes_of(test::bytes_of(test::counted<float>(COUNT)));
  }

  test::temporary_directory scratch_;
  load_engine engine_{1};
};

TEST_F(changing_file, written_to_in_place_fails_the_load) {
  write("other", 1);
  const std::string other = test::read_file(data("other"));
  at_every_read([&] { test::overwrite_file(data("m"), other); },
                [](const std::vector<std::byte>& loaded) { EXPECT_TRUE(loaded.empty()); });
}

TEST_F(changing_file, cut_off_fails_the_load) {
  at_every_read([&] { std::filesystem::resize_file(data("m"), 70'000); },
                [](const std::vector<std::byte>& loaded) { EXPECT_TRUE(loaded.empty()); });
}

TEST_F(changing_file, replaced_is_loaded_as_it_was) {
  at_every_read(
      [&] {
        write("other", 1);
        std::filesystem::rename(data("other"), data("m"));
      },
      [&](const std::vector<std::byte>& loaded) { EXPECT_EQ(loaded, old_values()); });
}

TEST_F(changing_file, deleted_is_loaded_as_it_was) {
  at_every_read([&] { std::filesystem::remove(data("m")); },
                [&](const std::vector<std::byte>& loaded) { EXPECT_EQ(loaded, old_values()); });
}

class shared_file : public testing::Test {
 protected:
  test::small_model model_;
};

TEST_F(shared_file, serves_threads_with_engines_of_their_own) {
  const checkpoint shared = checkpoint::open(model_.path());
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, source = shared] {
      for (int round = 0; round < 5; ++round) {
        variable_store vars{"cpu:0"};
        const auto emb = vars.get_variable("emb", {10, 3});
        init_from_checkpoint(vars, model_.path(), {{"emb", emb}});
        run_initializers(vars);
        good += test::values_of<float>(emb) == test::counted<float>(30) &&
                source.read("table").bytes == shared.read("table").bytes;
      }
    });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(good, 15);
}

TEST_F(shared_file, serves_processes) {
  const std::string job = model_.directory() / "job.json";
  test::write_file(job, R"({"device": "cpu:0", "variables": [{"name": "table", "shape": [64, 8]}],
      "initialize": [{"checkpoint": "model.ckpt", "assignment_map": {"table": "table"}}]})");
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    const std::string dump = model_.directory() / ("dump" + std::to_string(i));
    std::filesystem::create_directory(dump);
    threads.emplace_back([&, dump] {
      EXPECT_EQ(test::run_warmstart({"run", job, "--verify", "--dump", dump}).exit_code, 0);
    });
  }
  for (std::thread& one : threads) one.join();
  for (int i = 0; i < 3; ++i) {
    const std::string dumped =
        test::read_file(model_.directory() / ("dump" + std::to_string(i) + "/table.npy"));
    EXPECT_EQ(dumped.substr(128), test::bytes_of(test::counted<float>(512)));
  }
}

}  // namespace
}  // namespace warmstart::detail
