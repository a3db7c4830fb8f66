#include "load/host_reads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "support/process_state.hpp"
#include "support/safetensors_writer.hpp"
#include "support/small_model.hpp"
#include "warmstart/testing/compare.hpp"

namespace warmstart::detail {
namespace {

using test::error_of;

/// A checkpoint with a tensor of 16 MiB: `t` float32[4096,1024] = 0, 1, 2, ...
class host_reads_test : public testing::Test {
 protected:
  static constexpr std::int64_t ALL_BYTES = 16 * mebibyte;

  static void SetUpTestSuite() {
    directory_ = std::make_unique<test::temporary_directory>();
    test::bundle_writer writer;
    writer.tensor("t", dtype::float32, {4096, 1024}, test::bytes_of(numbers()));
    writer.write(path());
  }
  static void TearDownTestSuite() { directory_.reset(); }

  static std::string path() { return *directory_ / "model.ckpt"; }
  static std::vector<float> numbers() { return test::counted<float>(4096 * 1024); }

  /// What a call reads, all threads together.
  template <class Call>
  static std::int64_t bytes_read_by(Call call) {
    const std::int64_t before = test::bytes_read_so_far();
    call();
    return test::bytes_read_so_far() - before;
  }

  static std::unique_ptr<test::temporary_directory> directory_;
  checkpoint source_ = checkpoint::open(path());
};

std::unique_ptr<test::temporary_directory> host_reads_test::directory_;

TEST_F(host_reads_test, a_slice_reads_little_more_than_itself_unless_its_checksum_is_wanted) {
  const auto four_rows = slice::parse("7,4:-");  // 16 KiB
  host_tensor part;
  EXPECT_LT(bytes_read_by([&] { part = source_.read("t", four_rows); }), 32 * kibibyte);
  const auto all = numbers();
  ASSERT_EQ(part.bytes.size(), 16U * kibibyte);
  EXPECT_EQ(std::memcmp(part.bytes.data(), &all[std::size_t{7} * 1024], part.bytes.size()), 0);
  EXPECT_GE(bytes_read_by([&] {
              part = source_.read("t", four_rows, {.partial_checksums = partial_checksums::always});
            }),
            ALL_BYTES);
  EXPECT_EQ(std::memcmp(part.bytes.data(), &all[std::size_t{7} * 1024], part.bytes.size()), 0);
}

TEST_F(host_reads_test, damage_beside_a_slice_is_found_when_its_checksum_is_wanted) {
  test::small_model model;
  model.damage(96 + 20 + 2000);  // the last rows of `table`
  const auto source = checkpoint::open(model.path());
  const auto first_row = slice::parse("0,1:-");
  EXPECT_EQ(source.read("table", first_row).bytes.size(), 32U);
  EXPECT_EQ(error_of([&] {
              return source.read("table", first_row,
                                 {.partial_checksums = partial_checksums::always});
            }).code(),
            error_code::corrupt);
  EXPECT_EQ(error_of([&] { return source.read("table"); }).code(), error_code::corrupt);
  EXPECT_EQ(source.read("table", {.checksums = false}).bytes.size(), 2048U);
}

TEST_F(host_reads_test, a_comparison_of_64_parts_reads_the_tensor_once) {
  variable_store vars("cpu:0");
  const auto columns =
      vars.get_variable("t", {4096, 1024}, {.partitioner = fixed_size_partitioner(64, 1)});
  init_from_checkpoint(vars, path(), {{"t", columns}});
  run_initializers(vars);
  testkit::tensor_comparison found;
  const std::int64_t read =
      bytes_read_by([&] { found = testkit::matches_tensor(columns, source_, "t"); });
  EXPECT_TRUE(found) << found.message;
  EXPECT_EQ(found.elements, 4096 * 1024);
  EXPECT_LT(read, ALL_BYTES + 64 * kibibyte);
  static_cast<float*>(columns.parts()[40].data())[5] += 1;
  EXPECT_EQ(testkit::matches_tensor(columns, source_, "t").differing, 1);
}

TEST_F(host_reads_test, several_slices_are_read_into_caller_memory) {
  const auto all = numbers();
  std::vector<float> rows(2048 * 1024);
  std::vector<float> columns(4096 * 3);
  const std::vector<read_target> wanted = {
      {.slice = slice::parse("2048,2048:-"),
       .destination = std::as_writable_bytes(std::span(rows))},
      {.slice = slice::parse("-:1021,3"),
       .destination = std::as_writable_bytes(std::span(columns))}};
  EXPECT_LT(bytes_read_by([&] { source_.read_into("t", wanted); }), ALL_BYTES + 64 * kibibyte);
  EXPECT_TRUE(std::equal(rows.begin(), rows.end(), all.begin() + 2048 * 1024));
  for (std::size_t row = 0; row < 4096; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      ASSERT_EQ(columns[3 * row + column], all[1024 * row + 1021 + column]);
    }
  }
  std::vector<float> whole(all.size());
  source_.read_into("t", std::as_writable_bytes(std::span(whole)));
  EXPECT_EQ(whole, all);
  source_.read_into("t", std::span<const read_target>());
}

TEST_F(host_reads_test, memory_of_another_size_is_refused) {
  std::vector<std::byte> memory(16 * 1024 + 4);
  const read_target wanted{.slice = slice::parse("0,4:-"), .destination = memory};
  const error bad = error_of([&] {
    source_.read_into("t", std::span(&wanted, 1));
    return 0;
  });
  EXPECT_EQ(bad.code(), error_code::invalid_argument);
  EXPECT_EQ(bad.problems().at(0).message,
            "tensor t: slice 0,4:0,1024 takes 16384 bytes, but there is memory for 16388");
}

TEST_F(host_reads_test, a_small_read_starts_no_thread_and_a_large_one_several) {
  const std::size_t before = test::thread_count();
  std::size_t most = 0;
  const read_options options{.reader_threads = 3, .progress = [&](const load_progress&) {
                               most = std::max(most, test::thread_count());
                             }};
  (void)source_.read("t", slice::parse("0,4:-"), options);
  EXPECT_EQ(most, before);
  std::vector<std::byte> rows(2 * 4096);  // far apart: two chunks
  const std::vector<read_target> apart = {
      {.slice = slice::parse("0,1:-"), .destination = std::span(rows).first(4096)},
      {.slice = slice::parse("4000,1:-"), .destination = std::span(rows).last(4096)}};
  source_.read_into("t", apart, options);
  EXPECT_EQ(most, before);
  (void)source_.read("t", options);
  EXPECT_EQ(most, before + 4) << "readers and the driver";
  EXPECT_EQ(test::thread_count(), before);
}

TEST_F(host_reads_test, progress_ends_with_all_bytes) {
  load_progress last;
  const read_options options{.progress = [&](const load_progress& now) { last = now; }};
  (void)source_.read("t", options);
  EXPECT_EQ(last.bytes_done, ALL_BYTES);
  EXPECT_EQ(last.bytes_total, ALL_BYTES);
  last = {};
  EXPECT_EQ(source_.verify(options).bytes, ALL_BYTES);
  EXPECT_EQ(last.bytes_done, ALL_BYTES);
}

TEST_F(host_reads_test, reads_can_be_cancelled) {
  std::stop_source stop;
  stop.request_stop();
  const read_options options{.stop = stop.get_token()};
  EXPECT_EQ(error_of([&] { return source_.read("t", options); }).code(), error_code::cancelled);
  EXPECT_EQ(error_of([&] { return source_.read("t", slice::parse("0,1:-"), options); }).code(),
            error_code::cancelled);
  EXPECT_EQ(error_of([&] { return source_.verify(options); }).code(), error_code::cancelled);
}

TEST_F(host_reads_test, the_callers_engine_does_the_work) {
  engine kept({.reader_threads = 2});
  const read_options options{.engine = &kept};
  (void)source_.read("t", options);
  const std::size_t with_engine = test::thread_count();
  EXPECT_EQ(source_.read("t", options).bytes, source_.read("t").bytes);
  EXPECT_TRUE(source_.verify(options).damage.empty());
  EXPECT_EQ(test::thread_count(), with_engine);
  engine moved = std::move(kept);
  EXPECT_EQ(error_of([&] { return source_.read("t", options); }).code(),
            error_code::invalid_argument);
}

TEST_F(host_reads_test, a_read_from_the_progress_of_a_load_on_its_engine_is_refused) {
  engine kept;
  std::optional<error> nested;
  const read_options options{
      .progress =
          [&](const load_progress&) {
            if (nested) return;
            nested = error_of([&] { return source_.read("t", {.engine = &kept}); });
          },
      .engine = &kept};
  (void)source_.read("t", options);
  ASSERT_TRUE(nested);
  EXPECT_EQ(nested->code(), error_code::invalid_argument);
  EXPECT_EQ(source_.read("t", {.engine = &kept}).bytes.size(), static_cast<std::size_t>(ALL_BYTES));
}

TEST_F(host_reads_test, several_threads_read_through_copies) {
  const host_tensor expected = source_.read("t");
  std::atomic<int> equal = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back(
          [&, copy = source_] { equal += copy.read("t").bytes == expected.bytes; });
    }
  }
  EXPECT_EQ(equal, 4);
}

TEST_F(host_reads_test, checksums_are_computed_by_all_threads_and_then_verified) {
  const std::string file = *directory_ / "plain.safetensors";
  test::write_file(file,
                   test::safetensors_file(
                       R"({"a":{"dtype":"F32","shape":[1048576],"data_offsets":[0,4194304]},)"
                       R"("none":{"dtype":"F32","shape":[0],"data_offsets":[4194304,4194304]}})",
                       test::bytes_of(test::counted<float>(1 << 20))));
  std::size_t most = 0;
  const read_options options{.reader_threads = 3, .progress = [&](const load_progress&) {
                               most = std::max(most, test::thread_count());
                             }};
  const std::size_t before = test::thread_count();
  const checkpoint_checksums made = compute_checksums(file, "", options);
  EXPECT_EQ(most, before + 4);
  EXPECT_EQ(made.path, file + ".crc32c.json");
  EXPECT_NE(made.text.find("\"none\": []"), std::string::npos) << made.text;
  test::write_file(made.path, made.text);
  const auto found = checkpoint::open(file).verify();
  EXPECT_TRUE(found.damage.empty());
  EXPECT_EQ(found.bytes_unchecked, 0);
  std::string bytes = test::read_file(file);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  test::write_file(file, bytes);
  EXPECT_EQ(checkpoint::open(file).verify().damage.size(), 1U);
}

}  // namespace
}  // namespace warmstart::detail
