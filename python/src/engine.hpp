#pragma once

#include <unistd.h>

#include <memory>

#include "warmstart/engine.hpp"

namespace warmstart::python {

/// An engine that knows the process that made it. In a child of `fork` its threads do not exist, so
/// there it is neither used nor destroyed.
class process_engine {
 public:
  explicit process_engine(std::size_t reader_threads);
  process_engine(const process_engine&) = delete;
  process_engine& operator=(const process_engine&) = delete;
  ~process_engine();

  [[nodiscard]] bool is_of_this_process() const noexcept { return maker_ == ::getpid(); }
  /// Throws `invalid_argument` in another process, and after `close`.
  [[nodiscard]] engine& use();
  void close();

 private:
  std::unique_ptr<engine> owned_;
  pid_t maker_;
};

}  // namespace warmstart::python
