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
  /// 0: one per processor that the process may use (its affinity and its control groups' quotas),
  /// at most 16; for direct reads 16.
  std::size_t reader_threads = 0;
};

/// Threads, staging memory and device streams, kept over loads. A program that loads once needs
/// none: `run_initializers` makes its own.
///
/// Any thread may use it; one load runs at a time, further ones wait. Must outlive the loads that
/// use it.
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
