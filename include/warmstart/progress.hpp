#pragma once

#include <cstdint>

namespace warmstart {

/// How far a load, or another call that reads files, has come.
struct load_progress {
  std::int64_t bytes_done = 0;
  std::int64_t bytes_total = 0;
};

}  // namespace warmstart
