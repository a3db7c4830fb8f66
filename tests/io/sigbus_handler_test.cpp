// The process's SIGBUS handler beside those of the program. Each test has a process of its own, or
// what it leaves would be the next one's.

#include "io/sigbus_handler.hpp"

#include <gtest/gtest.h>

#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <optional>

#include "io/sigbus_guard.hpp"
#include "support/cut_off_file.hpp"

namespace warmstart::detail {
namespace {

using test::cut_off_file;

constexpr int GOOD = 42;

struct sigaction current_action() {
  struct sigaction now {};
  ::sigaction(SIGBUS, nullptr, &now);
  return now;
}

// The arguments that the program's handler was called with.
struct seen_call {
  int count = 0;
  int code = 0;
  const void* address = nullptr;
  bool sigbus_blocked = false;
  bool sigusr1_blocked = false;
};
seen_call seen;
sigjmp_buf after_fault;

void note_signal(const siginfo_t* info) {
  ++seen.count;
  if (info != nullptr) seen.code = info->si_code;
  if (info != nullptr) seen.address = info->si_addr;
  sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  seen.sigbus_blocked = sigismember(&blocked, SIGBUS) == 1;
  seen.sigusr1_blocked = sigismember(&blocked, SIGUSR1) == 1;
}

void note_and_return(int /*signal*/, siginfo_t* info, void* /*context*/) {
  note_signal(info);
}
void note_and_jump(int /*signal*/, siginfo_t* info, void* /*context*/) {
  note_signal(info);
  siglongjmp(after_fault, 1);
}

using handler = void (*)(int, siginfo_t*, void*);

struct sigaction install(handler what, int flags = 0, bool masks_sigusr1 = false) {
  struct sigaction action {};
  action.sa_sigaction = what;
  action.sa_flags = flags | SA_SIGINFO;
  if (masks_sigusr1) sigaddset(&action.sa_mask, SIGUSR1);
  struct sigaction before {};
  ::sigaction(SIGBUS, &action, &before);
  return before;
}

// A read that faults, and that a handler has to jump out of.
void fault(const cut_off_file& file) {
  if (sigsetjmp(after_fault, 1) == 0) (void)file.read(5);
}

bool guarded_read_works() {
  const cut_off_file file;
  sigbus_guard guard(file.bytes());
  const sigbus_guard::access allowed(guard);
  return file.read(5) == std::byte{0} && guard.hit();
}

// In a process of its own.
template <class Body>
void expect_good(Body body) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        std::signal(SIGBUS, SIG_DFL);  // in place of a sanitizer's
        body();
        if (testing::Test::HasFailure()) std::_Exit(1);
        std::_Exit(GOOD);
      },
      testing::ExitedWithCode(GOOD), "");
}

TEST(sigbus_handler_death_test, is_installed_only_while_a_guard_exists) {
  expect_good([] {
    const cut_off_file file;
    {
      std::optional<sigbus_guard> first(std::in_place, file.bytes());
      std::optional<sigbus_guard> second(std::in_place, file.bytes());
      EXPECT_NE(current_action().sa_handler, SIG_DFL);
      first.reset();
      EXPECT_NE(current_action().sa_handler, SIG_DFL);
    }
    EXPECT_EQ(current_action().sa_handler, SIG_DFL);
    EXPECT_TRUE(guarded_read_works()) << "and again";
    EXPECT_EQ(current_action().sa_handler, SIG_DFL);
  });
}

TEST(sigbus_handler_death_test, the_handler_before_it_is_restored_with_its_mask_and_flags) {
  expect_good([] {
    install(note_and_return, static_cast<int>(SA_RESTART), true);
    EXPECT_TRUE(guarded_read_works());
    const struct sigaction now = current_action();
    EXPECT_EQ(now.sa_sigaction, note_and_return);
    EXPECT_TRUE((now.sa_flags & SA_SIGINFO) != 0 && (now.sa_flags & SA_RESTART) != 0);
    EXPECT_EQ(sigismember(&now.sa_mask, SIGUSR1), 1);
    EXPECT_EQ(seen.count, 0) << "guarded faults are not the program's";
  });
}

TEST(sigbus_handler_death_test, other_faults_reach_the_handler_that_was_there) {
  expect_good([] {
    const cut_off_file file;
    const cut_off_file other;
    install(note_and_jump, 0, true);
    sigbus_guard guard(file.bytes());
    const sigbus_guard::access allowed(guard);
    for (int i = 1; i <= 3; ++i) {
      fault(other);
      EXPECT_EQ(seen.count, i);
      EXPECT_EQ(seen.code, BUS_ADRERR);
      EXPECT_EQ(seen.address, other.bytes().data() + 5 * cut_off_file::PAGE);
      EXPECT_TRUE(seen.sigusr1_blocked) << "its mask is applied";
      EXPECT_TRUE(seen.sigbus_blocked);
    }
    EXPECT_EQ(file.read(5), std::byte{0}) << "the guard goes on";
    EXPECT_EQ(seen.count, 3);
  });
}

TEST(sigbus_handler_death_test, a_handler_that_may_interrupt_itself_still_may) {
  expect_good([] {
    const cut_off_file file;
    const cut_off_file other;
    install(note_and_jump, static_cast<int>(SA_NODEFER));
    sigbus_guard guard(file.bytes());
    EXPECT_NE(current_action().sa_flags & static_cast<int>(SA_NODEFER), 0);
    fault(other);
    EXPECT_EQ(seen.count, 1);
#ifndef __SANITIZE_THREAD__  // which blocks all signals in all handlers
    EXPECT_FALSE(seen.sigbus_blocked);
    EXPECT_FALSE(seen.sigusr1_blocked);
#endif
  });
}

TEST(sigbus_handler_death_test, a_handler_for_one_signal_gets_one) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        install(note_and_return, static_cast<int>(SA_RESETHAND));
        const cut_off_file file;
        sigbus_guard guard(file.bytes());
        ::raise(SIGBUS);
        if (seen.count != 1) std::_Exit(1);
        ::raise(SIGBUS);
      },
      testing::KilledBySignal(SIGBUS), "");
}

TEST(sigbus_handler_death_test, a_used_up_handler_is_not_restored) {
  expect_good([] {
    install(note_and_return, static_cast<int>(SA_RESETHAND));
    {
      const cut_off_file file;
      const sigbus_guard guard(file.bytes());
      ::raise(SIGBUS);
    }
    EXPECT_EQ(seen.count, 1);
    EXPECT_EQ(current_action().sa_handler, SIG_DFL);
  });
}

TEST(sigbus_handler_death_test, a_plain_handler_is_called) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        std::signal(SIGBUS, [](int signal) { std::_Exit(signal == SIGBUS ? GOOD : 1); });
        const cut_off_file file;
        sigbus_guard guard(file.bytes());
        (void)file.read(5);
      },
      testing::ExitedWithCode(GOOD), "");
}

TEST(sigbus_handler_death_test, signals_that_are_ignored_stay_ignored) {
  expect_good([] {
    std::signal(SIGBUS, SIG_IGN);
    const cut_off_file file;
    {
      sigbus_guard guard(file.bytes());
      ::raise(SIGBUS);
      ::raise(SIGBUS);
      const sigbus_guard::access allowed(guard);
      EXPECT_EQ(file.read(5), std::byte{0});
    }
    EXPECT_EQ(current_action().sa_handler, SIG_IGN);
  });
}

TEST(sigbus_handler_death_test, sent_signals_end_the_process_by_default) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        std::signal(SIGBUS, SIG_DFL);
        const cut_off_file file;
        sigbus_guard guard(file.bytes());
        const sigbus_guard::access allowed(guard);
        ::raise(SIGBUS);
        std::_Exit(1);
      },
      testing::KilledBySignal(SIGBUS), "");
}

TEST(sigbus_handler_death_test, a_handler_that_the_program_installs_meanwhile_is_served) {
  expect_good([] {
    const cut_off_file file;
    const cut_off_file other;
    {
      sigbus_guard guard(file.bytes());
      install(note_and_jump, 0, true);  // without a thought of the one before
      fault(other);
      EXPECT_EQ(seen.count, 1);
      {
        const sigbus_guard::access allowed(guard);
        EXPECT_EQ(file.read(5), std::byte{0}) << "the replacement was noticed";
        EXPECT_EQ(seen.count, 1);
        fault(other);
        EXPECT_EQ(seen.count, 2);
        EXPECT_TRUE(seen.sigusr1_blocked);
      }
    }
    EXPECT_EQ(current_action().sa_sigaction, note_and_jump) << "the program's stays";
  });
}

TEST(sigbus_handler_death_test, a_handler_that_the_program_installs_last_stays) {
  expect_good([] {
    {
      const cut_off_file file;
      const sigbus_guard guard(file.bytes());
      install(note_and_return);
    }
    EXPECT_EQ(current_action().sa_sigaction, note_and_return);
  });
}

// Crash reporters do this: their handler calls the previous one.
struct sigaction found_by_chained;
void note_and_chain(int signal, siginfo_t* info, void* context) {
  note_signal(info);
  if ((found_by_chained.sa_flags & SA_SIGINFO) != 0) {
    found_by_chained.sa_sigaction(signal, info, context);
  }
}

TEST(sigbus_handler_death_test, a_handler_over_ours_that_calls_ours_ends_at_the_one_below) {
  expect_good([] {
    const cut_off_file file;
    const cut_off_file other;
    install(note_and_jump);
    {
      sigbus_guard guard(file.bytes());
      found_by_chained = install(note_and_chain);
      const sigbus_guard::access allowed(guard);  // ours is over it now, and below it
      for (int i = 1; i <= 3; ++i) {
        fault(other);
        EXPECT_EQ(seen.count, 2 * i);
      }
    }
    EXPECT_EQ(current_action().sa_sigaction, note_and_chain);
    fault(other);
    EXPECT_EQ(seen.count, 8) << "nobody needs ours any more, and it passes on what it gets";
    EXPECT_TRUE(guarded_read_works());
    fault(other);
    EXPECT_EQ(seen.count, 10);
  });
}

TEST(sigbus_handler_death_test, handlers_that_call_each_other_end_in_the_default) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        std::signal(SIGBUS, SIG_DFL);
        const cut_off_file file;
        sigbus_guard guard(file.bytes());
        found_by_chained = install(note_and_chain);
        const sigbus_guard::access allowed(guard);
        ::raise(SIGBUS);
        if (seen.count != 1) std::_Exit(1);
      },
      testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace warmstart::detail
