#pragma once

#include <cstdint>

namespace warmstart {

/// Progress of a load or of another call that reads files.
struct load_progress {
  std::int64_t bytes_done = 0;
  std::int64_t bytes_total = 0;
};

}  // namespace warmstart
