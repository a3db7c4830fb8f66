#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/stat.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>

#include "io/file.hpp"
#include "support/scripted_calls.hpp"
#include "support/temporary_directory.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

using test::temporary_directory;
using test::write_file;

error_code code_of(const auto& call) {
  try {
    call();
  } catch (const error& thrown) {
    return thrown.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return error_code::invalid_argument;
}

std::string pattern(std::size_t size) {
  std::string text(size, 0);
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 255);
  return text;
}

TEST(posix_file, fills_more_buffers_than_a_call_takes) {
  const temporary_directory directory;
  const std::string contents = pattern(100'000);
  write_file(directory / "f", contents);
  const auto from = system_files()->open(directory / "f", read_mode::buffered);
  std::vector<std::vector<std::byte>> parts;
  for (std::size_t size = 0; size < 400; ++size) parts.emplace_back(size);
  std::vector<std::span<std::byte>> buffers(parts.begin(), parts.end());
  from->read(7, buffers);
  std::size_t at = 7;
  for (const auto& part : parts) {
    const auto expected = std::as_bytes(std::span(contents)).subspan(at, part.size());
    EXPECT_TRUE(std::equal(part.begin(), part.end(), expected.begin(), expected.end()));
    at += part.size();
  }
}

TEST(posix_file, an_early_end_names_path_offset_and_sizes) {
  const temporary_directory directory;
  write_file(directory / "f", "0123456789");
  const auto from = system_files()->open(directory / "f", read_mode::buffered);
  std::vector<std::byte> buffer(8);
  from->read(2, std::span(buffer));
  try {
    from->read(3, std::span(buffer));
    FAIL() << "read past the end";
  } catch (const error& thrown) {
    EXPECT_EQ(thrown.code(), error_code::corrupt);
    EXPECT_EQ(std::string(thrown.what()),
              directory / "f" + ", offset 3: the file ends too early: expected 8 bytes, found 7");
    const problem& bad = thrown.problems().at(0);
    EXPECT_EQ(bad.file, directory / "f");
    EXPECT_EQ(bad.offset_bytes, 3);
    EXPECT_EQ(bad.expected, "8 bytes");
    EXPECT_EQ(bad.found, "7");
  }
}

TEST(posix_file, an_absent_file_has_no_identity_and_does_not_open) {
  const temporary_directory directory;
  write_file(directory / "f", "x");
  const auto files = system_files();
  EXPECT_FALSE(files->identify(directory / "g").exists());
  EXPECT_FALSE(files->identify(directory / "f/g").exists());
  EXPECT_EQ(code_of([&] { (void)files->open(directory / "g", read_mode::buffered); }),
            error_code::not_found);
  EXPECT_EQ(code_of([&] {
              std::byte one[1];
              files->open(directory.str(), read_mode::buffered)->read(0, std::span(one));
            }),
            error_code::io);
  EXPECT_TRUE(files->is_directory(directory.str()));
  EXPECT_FALSE(files->is_directory(directory / "f"));
}

TEST(posix_file, a_path_does_not_end_at_a_nul) {
  const temporary_directory directory;
  write_file(directory / "f", "x");
  const std::string path = directory / "f" + std::string("\0g", 2);
  const auto files = system_files();
  EXPECT_FALSE(files->identify(path).exists());
  EXPECT_FALSE(files->is_regular(path));
  EXPECT_EQ(code_of([&] { (void)files->open(path, read_mode::buffered); }), error_code::not_found);
  try {
    (void)read_stream(path, 1);
    FAIL();
  } catch (const error& bad) {
    EXPECT_EQ(bad.what(), directory / "f" + "\\x00g: No such file or directory");
    EXPECT_EQ(bad.problems()[0].message, path + ": No such file or directory");
  }
}

TEST(posix_file, identity_tells_a_changed_file) {
  const temporary_directory directory;
  const auto files = system_files();
  write_file(directory / "f", "abc");
  const file_identity first = files->identify(directory / "f");
  EXPECT_EQ(files->open(directory / "f", read_mode::buffered)->identity(), first);
  EXPECT_EQ(first.size_bytes, 3);
  write_file(directory / "g", "abc");
  std::filesystem::rename(directory / "g", directory / "f");
  EXPECT_NE(files->identify(directory / "f"), first);
}

TEST(posix_file, direct_reads_end_with_the_file) {
  const temporary_directory directory;
  const std::string contents = pattern(10'000);
  write_file(directory / "f", contents);
  std::unique_ptr<file> from;
  try {
    from = system_files()->open(directory / "f", read_mode::direct);
  } catch (const error& refused) {
    ASSERT_EQ(refused.code(), error_code::unsupported);  // tmpfs, say: nothing to read then
    return;
  }
  alignas(4096) static std::byte pages[3 * 4096];
  from->read(0, std::span(pages));
  EXPECT_EQ(std::memcmp(pages, contents.data(), contents.size()), 0);
}

// As on file systems that read in units of their own.
TEST(posix_file, direct_reads_that_are_cut_short_go_on_from_a_page) {
  const temporary_directory directory;
  const std::string contents = pattern(5 * 4096 + 100);
  write_file(directory / "f", contents);
  const auto calls = std::make_shared<test::scripted_calls>();
  calls->most = 4096 + 512;
  std::unique_ptr<file> from;
  try {
    from = system_files(calls)->open(directory / "f", read_mode::direct);
  } catch (const error& refused) {
    ASSERT_EQ(refused.code(), error_code::unsupported);
    return;
  }
  alignas(4096) static std::byte pages[6 * 4096];
  from->read(0, std::span(pages));
  EXPECT_EQ(std::memcmp(pages, contents.data(), contents.size()), 0);
  calls->most = 512;  // no page ever
  EXPECT_EQ(code_of([&] { from->read(0, std::span(pages)); }), error_code::corrupt);
}

TEST(posix_file, direct_reads_that_the_system_refuses_are_unsupported) {
  const temporary_directory directory;
  write_file(directory / "f", pattern(10'000));
  const auto calls = std::make_shared<test::scripted_calls>();
  calls->refuse_direct = true;
  alignas(4096) static std::byte page[4096];
  EXPECT_EQ(code_of([&] {
              system_files(calls)->open(directory / "f", read_mode::direct)->read(0, page);
            }),
            error_code::unsupported);
  system_files(calls)->open(directory / "f", read_mode::buffered)->read(0, page);
}

TEST(posix_file, remote_is_what_the_system_says) {
  const temporary_directory directory;
  write_file(directory / "f", "x");
  const auto calls = std::make_shared<test::scripted_calls>();
  const auto files = system_files(calls);
  EXPECT_FALSE(files->is_remote(directory / "f"));
  EXPECT_EQ(files->cached_share(directory / "f"), 1);
  calls->file_system = NFS_SUPER_MAGIC;
  EXPECT_TRUE(files->is_remote(directory / "f"));
  EXPECT_EQ(files->cached_share(directory / "f"), std::nullopt) << "the server has a cache, too";
  EXPECT_FALSE(files->is_remote(directory / "g"));
}

TEST(posix_file, streams_go_on_after_interruptions_and_name_what_fails) {
  const temporary_directory directory;
  const std::string contents = pattern(1000);
  write_file(directory / "f", contents);
  test::scripted_calls slow;
  slow.most = 13;
  slow.interruptions = 3;
  const auto read = read_stream(directory / "f", 1000, slow);
  ASSERT_EQ(read.size(), contents.size());
  EXPECT_EQ(std::memcmp(read.data(), contents.data(), read.size()), 0);
  for (const int number : {0, 1}) {
    test::scripted_calls failing;
    failing.failing_call = number;
    try {
      (void)read_stream(directory / "f", 1000, failing);
      FAIL() << number;
    } catch (const error& bad) {
      EXPECT_EQ(bad.code(), error_code::io);
      EXPECT_EQ(std::string(bad.what()), directory / "f" + ": Input/output error");
    }
  }
}

TEST(posix_file, pipes_and_devices_are_refused_without_waiting) {
  const temporary_directory directory;
  ASSERT_EQ(mkfifo((directory / "pipe").c_str(), 0600), 0);
  write_file(directory / "f", "x");
  const auto files = system_files();
  EXPECT_TRUE(files->is_regular(directory / "f"));
  for (const std::string& other :
       {directory / "pipe", std::string("/dev/zero"), directory.str(), directory / "nothing"}) {
    EXPECT_FALSE(files->is_regular(other)) << other;
  }
  for (const std::string& other : {directory / "pipe", std::string("/dev/zero")}) {
    EXPECT_EQ(code_of([&] { (void)files->open(other, read_mode::buffered); }),
              error_code::unsupported);
  }
}

TEST(posix_file, streams_are_read_to_their_end_or_their_limit) {
  const temporary_directory directory;
  const std::string contents = pattern(200'000);
  ASSERT_EQ(mkfifo((directory / "pipe").c_str(), 0600), 0);
  std::signal(SIGPIPE, SIG_IGN);  // the reader may go first
  for (const std::int64_t limit : {200'000, 199'999}) {
    std::thread writer([&] { write_file(directory / "pipe", contents); });
    if (limit == 200'000) {
      const auto read = read_stream(directory / "pipe", limit);
      ASSERT_EQ(read.size(), contents.size());
      EXPECT_EQ(std::memcmp(read.data(), contents.data(), read.size()), 0);
    } else {
      EXPECT_EQ(code_of([&] { (void)read_stream(directory / "pipe", limit); }),
                error_code::unsupported);
    }
    writer.join();
  }
  EXPECT_EQ(code_of([&] { (void)read_stream("/dev/zero", 1 << 20); }), error_code::unsupported);
  EXPECT_EQ(code_of([&] { (void)read_stream(directory / "nothing", 1); }), error_code::not_found);
  EXPECT_EQ(code_of([&] { (void)read_stream(directory.str(), 1); }), error_code::io);
}

TEST(posix_file, a_stream_is_visited_until_the_visitor_has_enough) {
  std::int64_t blocks = 0;
  visit_stream("/dev/zero", [&](std::span<const std::byte> block) {
    EXPECT_FALSE(block.empty());
    return ++blocks < 3;
  });
  EXPECT_EQ(blocks, 3);
}

TEST(posix_file, whole_files_have_a_limit) {
  const temporary_directory directory;
  write_file(directory / "f", "abc");
  EXPECT_EQ(read_whole(*system_files(), directory / "f", 3).size(), 3U);
  EXPECT_EQ(code_of([&] { (void)read_whole(*system_files(), directory / "f", 2); }),
            error_code::unsupported);
}

}  // namespace
}  // namespace warmstart::detail
