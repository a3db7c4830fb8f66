// Checkpoints of every kind, each cut at every length and with every bit flipped: loading one is an
// error that names the file, or gives the values that were stored, or says that it is not verified.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "damage/changes.hpp"
#include "damage/small_checkpoints.hpp"
#include "damage/whole_loader.hpp"

namespace warmstart::detail {
namespace {

using test::read_file;
using testing::HasSubstr;

class damaged_checkpoint : public testing::TestWithParam<test::small_checkpoint> {
 protected:
  void SetUp() override {
    for (const auto& value : whole_.values) EXPECT_TRUE(value.verified) << value.name;
    EXPECT_FALSE(whole_.values.empty());
  }

  /// False: it was refused. Whatever else is thrown fails the test.
  bool survives(const std::string& named) {
    ++cases_;
    try {
      EXPECT_TRUE(is_honest(load_(), whole_));
      return true;
    } catch (const error& refused) {
      // Of a tensor that has another name now, the checkpoint is all that can be told.
      const bool renamed = refused.code() == error_code::not_found;
      EXPECT_THAT(refused.what(),
                  testing::AnyOf(HasSubstr(named), HasSubstr(renamed ? checkpoint_ + ';' : named)));
      return false;
    }
  }

  /// How many changes of the files do no harm. `for_each_change` visits those of a file's contents.
  template <class ForEachChange>
  std::size_t count_harmless(ForEachChange for_each_change) {
    std::size_t harmless = 0;
    for (const std::string& name : GetParam().files) {
      const std::string file = scratch_ / name;
      const std::string good = read_file(file);
      for_each_change(good, [&](const std::string& changed) {
        test::overwrite_file(file, changed);
        if (survives(file)) ++harmless;
      });
      test::overwrite_file(file, good);
    }
    EXPECT_EQ(load_(), whole_);
    RecordProperty("cases", static_cast<int>(cases_));
    return harmless;
  }

  std::string written() const {
    GetParam().write(scratch_.str());
    return scratch_ / GetParam().path;
  }

  test::temporary_directory scratch_;
  const std::string checkpoint_ = scratch_ / GetParam().path;
  test::whole_loader load_{written()};
  test::loaded_checkpoint whole_ = load_();
  std::size_t cases_ = 0;
};

TEST_P(damaged_checkpoint, is_refused_when_cut_at_any_length) {
  EXPECT_EQ(
      count_harmless([](const std::string& good, auto visit) { test::for_each_cut(good, visit); }),
      0U);
}

TEST_P(damaged_checkpoint, is_refused_with_any_bit_flipped) {
  EXPECT_EQ(
      count_harmless([](const std::string& good, auto visit) { test::for_each_flip(good, visit); }),
      GetParam().harmless_bits);
}

TEST_P(damaged_checkpoint, is_refused_without_one_of_its_files) {
  for (const std::string& name : GetParam().files) {
    const std::string good = read_file(scratch_ / name);
    std::filesystem::remove(scratch_ / name);
    EXPECT_FALSE(survives(scratch_.str()));
    test::write_file(scratch_ / name, good);
  }
}

INSTANTIATE_TEST_SUITE_P(, damaged_checkpoint, testing::ValuesIn(test::SMALL_CHECKPOINTS),
                         [](const auto& of) { return of.param.kind; });

}  // namespace
}  // namespace warmstart::detail
