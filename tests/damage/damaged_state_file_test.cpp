// A state file cut at every length and with every bit flipped: it is an error, or the checkpoint is
// loaded that it names then. Nothing verifies a state file.

#include <gtest/gtest.h>

#include <map>

#include "damage/changes.hpp"
#include "damage/small_checkpoints.hpp"
#include "damage/whole_loader.hpp"

namespace warmstart::detail {
namespace {

class damaged_state_file : public testing::Test {
 protected:
  std::string written() const {
    test::small::state_file(scratch_.str());
    return scratch_.str();
  }

  /// Loads by another state file; what was loaded, or nothing.
  std::string loaded_by(const std::string& state) {
    test::overwrite_file(scratch_ / "checkpoint", state);
    try {
      const test::loaded_checkpoint loaded = load_();
      EXPECT_EQ(latest_checkpoint(scratch_.str()), loaded.prefix);
      EXPECT_EQ(loaded, test::whole_loader(loaded.prefix)());
      return loaded.prefix;
    } catch (const error& refused) {
      EXPECT_NE(std::string(refused.what()).find(scratch_.str()), std::string::npos)
          << refused.what();
      return {};
    }
  }

  test::temporary_directory scratch_;
  test::whole_loader load_{written()};
  const std::string good_ = test::read_file(scratch_ / "checkpoint");
  std::map<std::string, int> times_;
};

TEST_F(damaged_state_file, when_cut_names_its_checkpoint_or_is_refused) {
  test::for_each_cut(good_, [&](const std::string& cut) { ++times_[loaded_by(cut)]; });
  EXPECT_GT(times_[scratch_ / "m-1"], 0);
  EXPECT_GT(times_[""], 0);
  EXPECT_EQ(times_.size(), 2U);
}

TEST_F(damaged_state_file, with_a_bit_flipped_loads_what_it_names_then_or_is_refused) {
  test::for_each_flip(good_, [&](const std::string& flipped) { ++times_[loaded_by(flipped)]; });
  EXPECT_GT(times_[scratch_ / "m-1"], 0);  // in a time, say
  EXPECT_EQ(times_[scratch_ / "m-0"], 1);
  EXPECT_GT(times_[""], 0);
  EXPECT_EQ(times_.size(), 3U);
}

}  // namespace
}  // namespace warmstart::detail
