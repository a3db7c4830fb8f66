#pragma once

#include <sys/resource.h>

#include <csignal>

namespace warmstart::detail::test {

/// Limits the size of every file that this process writes: larger writes fail with EFBIG.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) : former_action_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &former_);
    const rlimit lower{.rlim_cur = bytes, .rlim_max = former_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &lower);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;
  ~file_size_limit() {
    setrlimit(RLIMIT_FSIZE, &former_);
    (void)std::signal(SIGXFSZ, former_action_);
  }

 private:
  void (*former_action_)(int);
  rlimit former_{};
};

}  // namespace warmstart::detail::test
