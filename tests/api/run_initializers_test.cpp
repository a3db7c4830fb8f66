#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <complex>
#include <cstring>
#include <filesystem>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

#include "io/file.hpp"
#include "load/engine_access.hpp"
#include "support/npy_writer.hpp"
#include "support/scripted_backend.hpp"
#include "support/small_model.hpp"
#include "warmstart/testing/poison.hpp"

namespace warmstart::detail {
namespace {

using test::counted;
using test::error_of;
using test::values_of;

class run_initializers_test : public testing::Test {
 protected:
  test::small_model model_;
  variable_store vars_{"cpu:0"};
};

TEST_F(run_initializers_test, loads_and_fills_and_reports) {
  vars_.get_variable("w", {6, 4});
  const auto emb = vars_.get_variable("emb", {10, 3}, {.partitioner = fixed_size_partitioner(2)});
  const auto bias = vars_.get_variable("bias", {3}, {.initializer = ones()});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "w"}, {"emb", "emb"}});
  const load_report report = run_initializers(vars_);
  ASSERT_EQ(report.rows.size(), 4U);
  EXPECT_EQ(report.rows[1].variable, "emb/part_0");
  EXPECT_EQ(to_string(report.rows[1].slice), "0,5:0,3");
  EXPECT_TRUE(report.rows[1].checked);
  EXPECT_EQ(report.rows[3].initializer, "ones");
  EXPECT_EQ(report.bytes_needed, 96 + 120);
  EXPECT_EQ(values_of<float>(emb.parts()[1])[0], 15.0F);
  EXPECT_EQ(values_of<float>(bias), std::vector<float>(3, 1));
  // Nothing is pending any more.
  EXPECT_TRUE(run_initializers(vars_).rows.empty());
}

TEST_F(run_initializers_test, reports_what_was_kept_until_a_later_call_assigns_it) {
  const init_options keep = {.missing = init_options::missing_tensor::keep};
  const auto late = vars_.get_variable("late", {6, 4});
  const auto never = vars_.get_variable("never", {4}, {.partitioner = fixed_size_partitioner(2)});
  init_from_checkpoint(vars_, model_.path(), {{"none", late}, {"none", never}}, keep);
  init_from_checkpoint(vars_, model_.path(), {{"a/w", late}});
  const load_report report = run_initializers(vars_);
  ASSERT_EQ(report.kept.size(), 2U);
  EXPECT_EQ(report.kept[0].variable, "never/part_0");
  EXPECT_EQ(report.kept[1].variable, "never/part_1");
  EXPECT_EQ(report.kept[0].checkpoint, model_.path());
  EXPECT_NE(to_string(report).find("kept: never/part_0, whose tensor is not in "),
            std::string::npos);
  EXPECT_TRUE(run_initializers(vars_).kept.empty());
}

TEST(report_lines, name_variable_tensor_and_checkpoint) {
  EXPECT_EQ(to_string(kept_variable{.variable = "v\n", .checkpoint = "m.ckpt"}),
            "kept: v\\x0a, whose tensor is not in m.ckpt");
  EXPECT_EQ(to_string(kept_variable{
                .variable = "v", .checkpoint = "m.ckpt", .reason = "expected shape [4]"}),
            "kept: v: expected shape [4]");
  EXPECT_EQ(to_string(ambiguous_name{.name = "w", .tensor = "a/w", .others = 2}),
            "ambiguous: w means a/w; other tensors of that name: 2");
  EXPECT_EQ(to_string(unused_tensor{.checkpoint = "m.ckpt", .tensor = "b"}), "unused: b of m.ckpt");
}

TEST_F(run_initializers_test, memory_of_an_uninitialized_variable_is_not_written) {
  variable_store vars("cpu:0");
  const auto own = vars.get_variable("own", {1000}, {.initializer = uninitialized()});
  const auto loaded = vars.get_variable("w", {6, 4}, {.initializer = uninitialized()});
  init_from_checkpoint(vars, model_.path(), {{"a/w", loaded}});
  const load_report report = run_initializers(vars);
  EXPECT_EQ(report.rows.at(1).initializer, "uninitialized");
  EXPECT_TRUE(own.is_initialized());
  EXPECT_EQ(values_of<float>(loaded), test::counted<float>(24));
  own.data<float>()[7] = 5;
  run_initializers(vars);
  EXPECT_EQ(own.data<float>()[7], 5);
  EXPECT_TRUE(verify(vars).complete());
}

TEST_F(run_initializers_test, a_reset_variable_is_initialized_again_in_place) {
  const auto w = vars_.get_variable("w", {6, 4}, {.initializer = ones()});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", w}});
  run_initializers(vars_);
  float* const memory = w.data<float>();
  vars_.reset(w);
  EXPECT_EQ(run_initializers(vars_).rows.at(0).initializer, "ones");
  EXPECT_EQ(w.data<float>(), memory);
  EXPECT_EQ(values_of<float>(w), std::vector<float>(24, 1));
  // What a call assigned, and no run has loaded, is forgotten likewise.
  init_from_checkpoint(vars_, model_.path(), {{"a/w", w}});
  vars_.reset(w);
  run_initializers(vars_);
  EXPECT_EQ(values_of<float>(w), std::vector<float>(24, 1));
}

TEST_F(run_initializers_test, an_erased_variable_is_gone_and_its_name_is_free) {
  const auto first = vars_.get_variable("a/x", {6, 4}, {.partitioner = fixed_size_partitioner(2)});
  const auto w = vars_.get_variable("a/w", {6, 4});
  EXPECT_EQ(test::error_of([&] { return vars_.erase(first.parts()[0]), 0; }).code(),
            error_code::invalid_argument);
  run_initializers(vars_);
  const std::vector<float> values = values_of<float>(first.parts()[1]);
  vars_.erase(first);
  EXPECT_FALSE(vars_.find("a/x"));
  EXPECT_FALSE(vars_.find("a/x/part_0"));
  EXPECT_EQ(values_of<float>(first.parts()[1]), values);
  const auto again = vars_.get_variable("a/x", {2}, {.initializer = ones()});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", w}});
  run_initializers(vars_);
  EXPECT_EQ(values_of<float>(w), test::counted<float>(24));
  EXPECT_EQ(values_of<float>(again), std::vector<float>(2, 1));
  EXPECT_EQ(verify(vars_).rows.size(), 2U);
  EXPECT_EQ(test::error_of([&] { return vars_.erase(first), 0; }).code(),
            error_code::invalid_argument);
}

TEST_F(run_initializers_test, a_variable_may_be_erased_while_it_is_loaded) {
  std::optional<variable> erased = vars_.get_variable("erased", {64, 8});
  const auto w = vars_.get_variable("w", {6, 4});
  init_from_checkpoint(vars_, model_.path(), {{"table", "erased"}, {"a/w", w}});
  load_options options;
  options.progress = [&](const load_progress&) {
    if (!erased) return;
    vars_.erase(*erased);
    erased.reset();
  };
  EXPECT_EQ(run_initializers(vars_, options).rows.size(), 2U);
  EXPECT_FALSE(erased);
  EXPECT_EQ(values_of<float>(w), counted<float>(24));
  EXPECT_EQ(verify(vars_).rows.size(), 1U);
}

TEST_F(run_initializers_test, memory_that_the_processor_cannot_read_is_refused) {
  void* const closed = mmap(nullptr, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(closed, MAP_FAILED);
  vars_.wrap("bad", {6, 4}, dtype::float32, closed, 96, "cpu:0");
  const auto own = vars_.get_variable("own", {6, 4});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "bad"}, {"a/w", own}});
  const error bad = error_of([&] { return run_initializers(vars_); });
  EXPECT_EQ(bad.code(), error_code::invalid_argument);
  ASSERT_EQ(bad.problems().size(), 1U);
  EXPECT_EQ(bad.problems()[0].variable, "bad");
  EXPECT_FALSE(own.is_initialized());
  munmap(closed, 8192);
}

TEST_F(run_initializers_test, spans_and_typed_pointers_carry_their_dtype) {
  std::vector<float> memory(24);
  const auto w = vars_.wrap("w", {6, 4}, std::span(memory));
  EXPECT_EQ(w.type(), dtype::float32);
  init_from_checkpoint(vars_, model_.path(), {{"a/w", w}});
  run_initializers(vars_);
  EXPECT_EQ(memory, test::counted<float>(24));
  EXPECT_EQ(w.data<float>(), memory.data());
  EXPECT_EQ(test::error_of([&] { return w.data<double>(); }).code(), error_code::mismatch);
  std::vector<std::int32_t> wrong(23);
  EXPECT_EQ(test::error_of([&] {
              return vars_.wrap("x", {6, 4}, std::span(wrong)).name();
            }).code(),
            error_code::invalid_argument);
  static_assert(dtype_of<unsigned char> == dtype::uint8);
  static_assert(dtype_of<long long> == dtype::int64);
  static_assert(dtype_of<std::complex<double>> == dtype::complex128);
  static_assert(dtype_of<bool> == dtype::boolean);
  static_assert(dtype_of<std::string> == dtype::invalid);
}

// However the path was spelled, and even if the checkpoint was written again.
TEST_F(run_initializers_test, unused_tensors_are_listed_per_checkpoint_not_per_spelling) {
  vars_.get_variable("w", {6, 4});
  vars_.get_variable("b", {5}, {.type = dtype::int32});
  const std::string other = model_.directory().str() + "/./model.ckpt";
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "w"}});
  init_from_checkpoint(vars_, other + ".index", {{"a/b", "b"}});
  const load_report report = run_initializers(vars_);
  std::vector<std::string> unused;
  for (const unused_tensor& one : report.unused) {
    EXPECT_EQ(one.checkpoint, model_.path());
    unused.push_back(one.tensor);
  }
  EXPECT_EQ(unused, (std::vector<std::string>{"emb", "names", "table"}));
}

TEST_F(run_initializers_test, says_how_many_bytes_were_not_checked) {
  const auto t = vars_.get_variable("t", {64, 8}, {.partitioner = fixed_size_partitioner(8)});
  vars_.get_variable("w", {6, 4});
  init_from_checkpoint(vars_, model_.path(), {{"table", std::vector<variable>{t.parts()[0]}}});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "w"}});
  EXPECT_EQ(make_plan(vars_).bytes_unchecked, 256);
  const load_report report = run_initializers(vars_);
  EXPECT_EQ(report.bytes_needed, 256 + 96);
  EXPECT_EQ(report.bytes_unchecked, 256);
}

TEST_F(run_initializers_test, partitions_do_not_change_the_bytes) {
  for (const int axis : {0, 1}) {
    for (const std::int64_t parts : {1, 3, 8}) {
      variable_store vars{"cpu:0"};
      const auto table =
          vars.get_variable("t", {64, 8}, {.partitioner = fixed_size_partitioner(parts, axis)});
      init_from_checkpoint(vars, model_.path(), {{"table", "t"}});
      run_initializers(vars);
      for (const variable& part : table.parts()) {
        const slice where = part.info().slice;
        const auto values = values_of<float>(part);
        for (std::int64_t i = 0; i < where[0].length; ++i) {
          for (std::int64_t j = 0; j < where[1].length; ++j) {
            EXPECT_EQ(values[static_cast<std::size_t>(i * where[1].length + j)],
                      static_cast<float>((where[0].start + i) * 8 + where[1].start + j));
          }
        }
      }
    }
  }
}

// A bundle may say that two tensors are the same bytes. Several chunks, so that places count.
TEST_F(run_initializers_test, tensors_of_different_types_may_share_bytes) {
  const auto numbers = counted<double>(40'000);
  test::bundle_writer writer;
  auto entry = writer.place(dtype::float64, {40'000}, test::bytes_of(numbers));
  writer.raw("numbers", test::bundle_writer::record(entry));
  entry.type = static_cast<std::int64_t>(dtype::int8);
  entry.sizes = {320'000};
  writer.raw("bytes", test::bundle_writer::record(entry));
  writer.write(model_.directory() / "shared");
  for (const bool bytes_first : {true, false}) {
    variable_store vars{"cpu:0"};
    if (bytes_first) vars.get_variable("bytes", {320'000}, {.type = dtype::int8});
    const auto doubles = vars.get_variable("numbers", {40'000}, {.type = dtype::float64});
    if (!bytes_first) vars.get_variable("bytes", {320'000}, {.type = dtype::int8});
    init_from_checkpoint(vars, model_.directory() / "shared", {{"/", "/"}});
    const load_report report = run_initializers(vars, {.chunk_bytes = 64 << 10});
    EXPECT_EQ(report.bytes_needed, 320'000);
    EXPECT_EQ(values_of<double>(doubles), numbers);
    const auto bytes = values_of<std::int8_t>(*vars.find("bytes"));
    EXPECT_EQ(std::memcmp(bytes.data(), numbers.data(), bytes.size()), 0);
    EXPECT_TRUE(verify(vars).complete());
  }
}

TEST_F(run_initializers_test, each_stored_checksum_of_shared_bytes_is_compared) {
  test::bundle_writer writer;
  auto entry = writer.place(dtype::float32, {6}, test::bytes_of(counted<float>(6)));
  writer.raw("a", test::bundle_writer::record(entry));
  entry.crc ^= 1;
  writer.raw("b", test::bundle_writer::record(entry));
  writer.write(model_.directory() / "shared");
  vars_.get_variable("a", {6});
  vars_.get_variable("b", {6});
  init_from_checkpoint(vars_, model_.directory() / "shared", {{"/", "/"}});
  const error bad = error_of([&] { return run_initializers(vars_); });
  EXPECT_EQ(bad.code(), error_code::corrupt);
  EXPECT_EQ(bad.problems().front().tensor, "b");
  const auto damage = checkpoint::open(model_.directory() / "shared").verify().damage;
  ASSERT_EQ(damage.size(), 1U);
  EXPECT_EQ(damage[0].tensor, "b");
}

TEST_F(run_initializers_test, sixty_four_parts_cost_one_read) {
  vars_.get_variable("t", {64, 8}, {.partitioner = fixed_size_partitioner(64)});
  vars_.get_variable("u", {64, 8}, {.partitioner = fixed_size_partitioner(8, 1)});
  init_from_checkpoint(vars_, model_.path(), {{"table", "t"}, {"table", "u"}});
  const load_plan plan = make_plan(vars_);
  EXPECT_EQ(plan.files.at(0).reads, 1);
  const load_report report = run_initializers(vars_);
  EXPECT_EQ(report.bytes_needed, 2048);
  EXPECT_EQ(report.bytes_read, 2048);
}

TEST_F(run_initializers_test, tensors_are_cast_to_the_variables_dtype) {
  const auto half = vars_.get_variable("half", {6, 4}, {.type = dtype::bfloat16});
  const auto wide = vars_.get_variable("wide", {5}, {.type = dtype::float64});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", half}, {"a/b", wide}}, {.cast = true});
  run_initializers(vars_);
  EXPECT_EQ(values_of<double>(wide), (std::vector<double>{0, 1, 2, 3, 4}));
  EXPECT_EQ(values_of<std::uint16_t>(half)[3], 0x4040);  // 3.0
}

// bfloat16 of ml_dtypes is `V2` in NumPy's files: two bytes of anything.
TEST_F(run_initializers_test, unmapped_elements_come_from_the_initializer) {
  const std::string path = model_.directory() / "half.npy";
  test::write_file(path, test::npy_file("<V2", "(1,)", std::string("\x40\x40", 2)));
  const auto half = vars_.get_variable("half", {1}, {.type = dtype::bfloat16});
  const auto wide = vars_.get_variable("wide", {1}, {.type = dtype::float32});
  const error refused = error_of([&] {
    init_from_checkpoint(vars_, path, {{"half", wide}}, {.cast = true});
  });
  EXPECT_EQ(refused.code(), error_code::mismatch);
  EXPECT_NE(std::string(refused.what()).find("use a variable of dtype bfloat16"),
            std::string::npos);
  init_from_checkpoint(vars_, path, {{"half", half}});
  run_initializers(vars_);
  EXPECT_EQ(values_of<std::uint16_t>(half)[0], 0x4040);
}

TEST_F(run_initializers_test, big_endian_bundles_are_swapped) {
  test::bundle_writer writer;
  writer.header(test::bundle_writer::header_record(1, true));
  writer.tensor("f", dtype::float32, {1}, std::string("\x3f\x80\0\0", 4));
  writer.tensor("c", dtype::complex64, {1}, std::string("\x3f\x80\0\0\x40\0\0\0", 8));
  writer.write(model_.directory() / "big");
  const auto f = vars_.get_variable("f", {1});
  const auto d = vars_.get_variable("d", {1}, {.type = dtype::float64});
  const auto c = vars_.get_variable("c", {1}, {.type = dtype::complex64});
  init_from_checkpoint(vars_, model_.directory() / "big", {{"f", f}, {"f", d}, {"c", c}},
                       {.cast = true});
  run_initializers(vars_);
  EXPECT_EQ(values_of<float>(f)[0], 1.0F);
  EXPECT_EQ(values_of<double>(d)[0], 1.0);
  const std::vector<float> parts = [&] {
    std::vector<float> both(2);
    std::memcpy(both.data(), c.data(), 8);
    return both;
  }();
  EXPECT_EQ(parts, (std::vector<float>{1, 2}));
  EXPECT_TRUE(verify(vars_).complete());
}

TEST_F(run_initializers_test, caller_memory_is_filled_at_any_address) {
  std::array<std::byte, 97> memory{};
  const auto w = vars_.wrap("w", {6, 4}, dtype::float32, memory.data() + 1, 96, "cpu:0");
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "w"}});
  run_initializers(vars_);
  EXPECT_TRUE(w.is_initialized());
  EXPECT_EQ(values_of<float>(w), counted<float>(24));
  EXPECT_EQ(memory[0], std::byte{0});
}

TEST_F(run_initializers_test, a_box_is_filled_from_its_place_in_the_transformed_tensor) {
  std::array<float, 4> memory{};
  const slice box({{.start = 1, .length = 2}, {.start = 4, .length = 2}});
  const auto w = vars_.wrap("w", {4, 6}, box, dtype::float32, memory.data(), 16, "cpu:0");
  const checkpoint from = checkpoint::open(model_.path());
  init_from_checkpoint(vars_, from, {{"a/w", "w", {.transpose = {1, 0}}}});
  const load_report report = run_initializers(vars_);
  EXPECT_EQ(report.bytes_needed, 16);
  EXPECT_EQ(memory, (std::array<float, 4>{17, 21, 18, 22}));
  EXPECT_TRUE(verify(vars_).complete());
  const error wrong = error_of([&] { return init_from_checkpoint(vars_, from, {{"a/w", "w"}}); });
  EXPECT_NE(std::string(wrong.what()).find("expected shape [4,6], found [6,4]"), std::string::npos);
}

TEST_F(run_initializers_test, files_that_changed_after_they_were_opened_are_refused) {
  const auto w = vars_.get_variable("w", {6, 4});
  const checkpoint from = checkpoint::open(model_.path());
  model_.damage(5);
  init_from_checkpoint(vars_, from, {{"a/w", w}});
  EXPECT_EQ(error_of([&] { return run_initializers(vars_); }).code(), error_code::io);
  EXPECT_FALSE(w.is_initialized());
}

TEST_F(run_initializers_test, damage_names_file_tensor_and_offset) {
  const auto w = vars_.get_variable("w", {6, 4});
  const auto b = vars_.get_variable("b", {5}, {.type = dtype::int32});
  model_.damage(5);
  init_from_checkpoint(vars_, model_.path(), {{"a/w", w}, {"a/b", b}});
  const error bad = error_of([&] { return run_initializers(vars_); });
  EXPECT_EQ(bad.code(), error_code::corrupt);
  EXPECT_EQ(bad.problems().front().tensor, "a/w");
  for (const char* part :
       {"model.ckpt.data-00000-of-00001", "a/w", "offset 0", "expected", "found"}) {
    EXPECT_NE(std::string(bad.what()).find(part), std::string::npos) << bad.what();
  }
  EXPECT_FALSE(w.is_initialized());
  EXPECT_FALSE(b.is_initialized());

  // The option allows it: without checksums the load succeeds.
  const load_report report = run_initializers(vars_, {.checksums = false});
  EXPECT_TRUE(w.is_initialized());
  EXPECT_FALSE(report.rows[0].checked);
}

TEST_F(run_initializers_test, partial_pieces_are_checked_as_the_policy_says) {
  using policy = partial_checksums;
  const struct {
    policy partial;
    int parts;  // of eight, from the front
    std::int64_t read;
    bool checked;
  } cases[] = {{policy::always, 1, 2048, true},
               {policy::when_half, 4, 2048, true},
               {policy::when_half, 3, 768, false},
               {policy::never, 4, 1024, false},
               {policy::never, 8, 2048, true}};
  for (const auto& one : cases) {
    variable_store vars{"cpu:0"};
    const auto t = vars.get_variable("t", {64, 8}, {.partitioner = fixed_size_partitioner(8)});
    auto parts = t.parts();
    parts.erase(parts.begin() + one.parts, parts.end());
    init_from_checkpoint(vars, model_.path(), {{"table", parts}});
    const load_report report = run_initializers(vars, {.partial_checksums = one.partial});
    EXPECT_EQ(report.bytes_read, one.read);
    EXPECT_EQ(report.rows.front().checked, one.checked);
    // Rows without a usable stored checksum are compared with a checksum of the bytes read.
    const auto resident = verify(vars);
    EXPECT_TRUE(resident.complete());
    EXPECT_EQ(resident.rows.front().verified,
              one.parts == 8 ? verified_by::stored : verified_by::loaded);
  }
}

class changed_file_test : public run_initializers_test {
 protected:
  // A run after `change` must fail without writing anything.
  template <class Change>
  error failure_after(Change change) {
    const auto old = vars_.get_variable("old", {6, 4});
    init_from_checkpoint(vars_, model_.path(), {{"a/w", old}});
    run_initializers(vars_);
    const auto fresh = vars_.get_variable("fresh", {6, 4});
    init_from_checkpoint(vars_, model_.path(), {{"table", vars_.get_variable("t", {64, 8})}});
    init_from_checkpoint(vars_, model_.path(), {{"a/w", old}, {"a/w", fresh}});
    change();
    error bad = error_of([&] { return run_initializers(vars_); });
    EXPECT_TRUE(old.is_initialized());
    EXPECT_EQ(values_of<float>(old), counted<float>(24));
    EXPECT_FALSE(fresh.is_initialized());
    EXPECT_THROW((void)fresh.data(), error);
    return bad;
  }
};

TEST_F(changed_file_test, a_replaced_file_is_refused) {
  EXPECT_EQ(failure_after([&] { model_.write(7); }).code(), error_code::io);
}
TEST_F(changed_file_test, a_truncated_file_is_refused) {
  const error bad = failure_after([&] { std::filesystem::resize_file(model_.data_path(), 2000); });
  EXPECT_EQ(bad.code(), error_code::io);
  EXPECT_NE(std::string(bad.what()).find(model_.data_path()), std::string::npos) << bad.what();
}
TEST_F(changed_file_test, a_deleted_data_file_is_refused) {
  EXPECT_EQ(failure_after([&] { std::filesystem::remove(model_.data_path()); }).code(),
            error_code::not_found);
}
TEST_F(changed_file_test, a_deleted_index_is_refused) {
  EXPECT_EQ(failure_after([&] { std::filesystem::remove(model_.path() + ".index"); }).code(),
            error_code::not_found);
}

TEST_F(run_initializers_test, progress_reaches_its_total) {
  vars_.get_variable("t", {64, 8});
  init_from_checkpoint(vars_, model_.path(), {{"table", "t"}});
  std::vector<load_progress> seen;
  run_initializers(vars_, {.progress = [&](const load_progress& now) { seen.push_back(now); }});
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().bytes_done, 2048);
  EXPECT_EQ(seen.back().bytes_total, 2048);
  for (std::size_t i = 1; i < seen.size(); ++i) {
    EXPECT_GE(seen[i].bytes_done, seen[i - 1].bytes_done);
  }
}

TEST_F(run_initializers_test, an_exception_in_progress_fails_the_load) {
  const auto t = vars_.get_variable("t", {64, 8});
  init_from_checkpoint(vars_, model_.path(), {{"table", "t"}});
  const auto boom = [](const load_progress&) { throw std::runtime_error("boom"); };
  EXPECT_THROW(run_initializers(vars_, {.progress = boom}), std::runtime_error);
  EXPECT_FALSE(t.is_initialized());
  run_initializers(vars_);
  EXPECT_TRUE(t.is_initialized());
}

TEST_F(run_initializers_test, a_stop_request_cancels) {
  const auto t = vars_.get_variable("t", {64, 8});
  init_from_checkpoint(vars_, model_.path(), {{"table", "t"}});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(error_of([&] { return run_initializers(vars_, {.stop = stop.get_token()}); }).code(),
            error_code::cancelled);
  EXPECT_FALSE(t.is_initialized());
}

TEST_F(run_initializers_test, a_budget_that_is_too_small_names_one_that_would_do) {
  const auto t = vars_.get_variable("t", {64, 8}, {.partitioner = fixed_size_partitioner(2, 1)});
  init_from_checkpoint(vars_, model_.path(), {{"table", "t"}});
  const error bad = error_of([&] { return run_initializers(vars_, {.budget_bytes = 10}); });
  EXPECT_EQ(bad.code(), error_code::out_of_memory);
  EXPECT_NE(std::string(bad.what()).find("10 bytes"), std::string::npos) << bad.what();
  EXPECT_FALSE(t.parts()[0].is_initialized());
}

// On a real file, in several chunks at odd offsets. Where the file system has no direct reads, the
// refusal is what is tested.
TEST_F(run_initializers_test, direct_reads_bypass_the_page_cache) {
  const std::vector<std::int64_t> sizes = {1, 70'001, 3, 200'003, 131'072, 77};
  test::bundle_writer writer;
  for (const std::int64_t size : sizes) {
    const auto name = "t" + std::to_string(size);
    writer.tensor(name, dtype::float32, {size},
                  test::bytes_of(counted<float>(static_cast<std::size_t>(size))));
    writer.tensor("odd" + name, dtype::uint8, {3}, "odd");
    vars_.get_variable(name, {size}, {.partitioner = fixed_size_partitioner(2)});
  }
  writer.write(model_.directory() / "odd");
  init_from_checkpoint(vars_, model_.directory() / "odd", {{"/", "/"}});
  const load_options direct = {.chunk_bytes = 64 << 10, .io = load_options::io_mode::direct};
  try {
    (void)system_files()->open((model_.directory() / "odd") + ".data-00000-of-00001",
                               read_mode::direct);
  } catch (const error& none) {
    const error bad = error_of([&] { return run_initializers(vars_, direct); });
    EXPECT_EQ(bad.code(), error_code::unsupported) << bad.what();
    EXPECT_NE(std::string(bad.what()).find("O_DIRECT"), std::string::npos) << bad.what();
    GTEST_SKIP() << "no direct reads where temporary files are: " << none.what();
  }
  const load_plan plan = make_plan(vars_, direct);
  EXPECT_GT(plan.files.at(0).reads, 10);
  const load_report report = run_initializers(vars_, direct);
  EXPECT_EQ(report.bytes_read, plan.bytes_read);
  EXPECT_GT(report.bytes_read, report.bytes_needed);
  for (const variable& v : vars_.variables()) {
    float next = 0;
    for (const variable& part : v.parts()) {
      for (const float value : values_of<float>(part)) ASSERT_EQ(value, next++) << part.name();
    }
  }
  EXPECT_TRUE(verify(vars_).complete());
}

TEST_F(run_initializers_test, an_absent_device_is_refused) {
  vars_.get_variable("t", {64, 8}, {.placement = round_robin({"cuda:7"})});
  init_from_checkpoint(vars_, model_.path(), {{"table", "t"}});
  EXPECT_EQ(make_plan(vars_).devices.at(0).device, device("cuda:7"));  // planning needs none
  EXPECT_EQ(error_of([&] { return run_initializers(vars_); }).code(), error_code::device);
}

// Host memory for every device but one.
class heap_for_all final : public memory_resource {
 public:
  void* allocate(std::size_t size_bytes, const device& where) override {
    if (where == device("cuda:1")) throw std::bad_alloc();
    if (where == device("cuda:2")) throw error(error_code::out_of_memory, "it is full");
    return ::operator new(size_bytes, std::align_val_t(64));
  }
  void deallocate(void* data, std::size_t /*size_bytes*/,
                  const device& /*where*/) noexcept override {
    ::operator delete(data, std::align_val_t(64));
  }
};

TEST_F(run_initializers_test, replicas_are_loaded_and_have_rows_of_their_own) {
  variable_store vars("cpu:0", std::make_shared<heap_for_all>());
  engine on({.reader_threads = 2});
  engine_access::of(on).use(
      std::make_unique<test::scripted_backend>(device("cuda:0"), test::scripted_backend::script{}));
  const auto t = vars.get_variable(
      "t", {64, 8},
      {.partitioner = fixed_size_partitioner(2), .placement = replicated({"cpu:0", "cuda:0"})});
  init_from_checkpoint(vars, model_.path(), {{"table", "t"}});
  const load_report report = run_initializers(vars, {.engine = &on});
  EXPECT_EQ(report.bytes_read, 2048);
  std::vector<std::pair<std::string, device>> rows;
  for (const loaded_row& row : report.rows) rows.emplace_back(row.variable, row.device);
  EXPECT_EQ(rows, (std::vector<std::pair<std::string, device>>{{"t/part_0", "cpu:0"},
                                                               {"t/part_0", "cuda:0"},
                                                               {"t/part_1", "cpu:0"},
                                                               {"t/part_1", "cuda:0"}}));
  for (const std::size_t replica : {0U, 1U}) {
    EXPECT_EQ(values_of<float>(t.parts()[0], replica), counted<float>(256));
    EXPECT_EQ(values_of<float>(t.parts()[1], replica)[0], 256.0F);
  }
  const verification_report resident = verify(vars, &on);
  EXPECT_EQ(resident.rows.size(), 4U);
  for (const verified_row& row : resident.rows) EXPECT_EQ(row.verified, verified_by::stored);
}

TEST_F(run_initializers_test, a_failed_allocation_names_the_variable) {
  for (const char* where : {"cuda:1", "cuda:2"}) {
    variable_store vars("cpu:0", std::make_shared<heap_for_all>());
    engine on({.reader_threads = 1});
    engine_access::of(on).use(
        std::make_unique<test::scripted_backend>(device(where), test::scripted_backend::script{}));
    vars.get_variable("fits", {64, 8});
    vars.get_variable("t", {64, 8}, {.placement = round_robin({where})});
    const error bad = error_of([&] { return run_initializers(vars, {.engine = &on}); });
    EXPECT_EQ(bad.code(), error_code::out_of_memory);
    EXPECT_EQ(bad.problems().at(0).variable, "t");
    EXPECT_EQ(std::string(bad.what()).rfind("variable t on " + std::string(where) + ": ", 0), 0U)
        << bad.what();
    EXPECT_FALSE(vars.find("fits")->is_initialized());
  }
}

TEST_F(run_initializers_test, streams_need_an_engine_that_outlives_the_load) {
  const error refused = error_of(
      [&] { return run_initializers(vars_, {.streams = {stream_ref::legacy("cuda:0")}}); });
  EXPECT_EQ(refused.code(), error_code::invalid_argument);
}

TEST_F(run_initializers_test, two_streams_for_a_device_are_refused) {
  engine kept;
  const error refused = error_of([&] {
    return run_initializers(
        vars_,
        {.streams = {stream_ref::legacy("cuda:1"), stream_ref::legacy("cuda:1")}, .engine = &kept});
  });
  EXPECT_EQ(refused.code(), error_code::invalid_argument);
  EXPECT_NE(std::string(refused.what()).find("two for cuda:1"), std::string::npos);
}

// A load does nothing on a device that it does not use: here, on one that does not exist.
TEST_F(run_initializers_test, streams_of_unused_devices_are_ignored) {
  engine kept;
  vars_.get_variable("w", {6, 4});
  init_from_checkpoint(vars_, model_.path(), {{"a/w", "w"}});
  run_initializers(vars_, {.streams = {stream_ref::legacy("cuda:99")}, .engine = &kept});
  EXPECT_TRUE(verify(vars_).complete());
}

std::size_t resident_pages(const variable& v) {
  std::vector<unsigned char> pages(static_cast<std::size_t>((v.size_bytes() + 4095) / 4096));
  EXPECT_EQ(mincore(v.data(), static_cast<std::size_t>(v.size_bytes()), pages.data()), 0);
  return static_cast<std::size_t>(
      std::ranges::count_if(pages, [](auto page) { return (page & 1U) != 0; }));
}

TEST_F(run_initializers_test, fresh_pages_are_not_filled_with_zeros) {
  const auto slot = vars_.get_variable("slot", {1 << 20}, {.initializer = zeros()});
  const auto one = vars_.get_variable("one", {1 << 20}, {.initializer = ones()});
  run_initializers(vars_);
  EXPECT_TRUE(slot.is_initialized());
  EXPECT_EQ(resident_pages(slot), 0U);
  EXPECT_EQ(resident_pages(one), 1024U);
  EXPECT_EQ(values_of<float>(slot), std::vector<float>(1 << 20));
}

// What may have been written to since it was allocated, and what a resource says nothing about.
TEST_F(run_initializers_test, all_other_memory_is_filled_with_zeros) {
  const auto slot = vars_.get_variable("slot", {1 << 20}, {.initializer = zeros()});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(run_initializers(vars_, {.stop = stop.get_token()}), error);
  std::memset(slot.data(), 0x77, static_cast<std::size_t>(slot.size_bytes()));
  run_initializers(vars_);
  EXPECT_EQ(values_of<float>(slot), std::vector<float>(1 << 20));

  const auto memory = std::make_shared<testkit::poisoning_memory>(default_memory_resource());
  const auto other =
      vars_.get_variable("other", {1 << 20}, {.initializer = zeros(), .memory = memory});
  run_initializers(vars_);
  EXPECT_EQ(values_of<float>(other), std::vector<float>(1 << 20));
}

}  // namespace
}  // namespace warmstart::detail
