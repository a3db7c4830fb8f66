#pragma once

#include <cstddef>
#include <memory>

#include "warmstart/export.hpp"

namespace warmstart {

namespace detail {
class engine_access;
class load_engine;
}  // namespace detail

struct engine_options {
  /// 0 means one per processor that the process may use (by its affinity and the quotas of its
  /// control groups), at most 16. Direct reads always use 16.
  std::size_t reader_threads = 0;
};

/// Reader threads, staging memory and device streams that several loads can share. A program that
/// loads once needs no engine: `run_initializers` creates a temporary one.
///
/// Thread safe: one load runs at a time, others wait. The engine must outlive the loads that use
/// it.
/// In a forked child, calls on it throw `invalid_argument`: its threads do not exist there.
class WARMSTART_EXPORT engine {
 public:
  explicit engine(const engine_options& options = {});
  engine(engine&&) noexcept;
  engine& operator=(engine&&) noexcept;
  ~engine();

 private:
  friend class detail::engine_access;
  std::unique_ptr<detail::load_engine> impl_;
};

}  // namespace warmstart
