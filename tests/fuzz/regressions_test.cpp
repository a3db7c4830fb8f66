// Replays what fuzzing found once, with every compiler and sanitizer.

#include <gtest/gtest.h>

#include <filesystem>

#include "fuzz/targets.hpp"
#include "support/paths.hpp"
#include "support/temporary_directory.hpp"

namespace warmstart::detail {
namespace {

void replay(const std::string& name, void (*target)(std::string_view)) {
  const std::filesystem::path inputs =
      std::filesystem::path(test::data_path()).parent_path() / "fuzz/regressions" / name;
  if (!std::filesystem::exists(inputs)) return;
  for (const auto& one : std::filesystem::directory_iterator(inputs)) {
    SCOPED_TRACE(one.path().string());
    EXPECT_NO_THROW(target(test::read_file(one.path().string())));
  }
}

#define WARMSTART_REPLAY(name)        \
  TEST(fuzz_regressions, name) {      \
    replay(#name, test::fuzz_##name); \
  }
WARMSTART_FUZZ_TARGETS(WARMSTART_REPLAY)

}  // namespace
}  // namespace warmstart::detail
