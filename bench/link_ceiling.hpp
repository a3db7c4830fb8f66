#pragma once

#include <cstdint>
#include <memory>

#include "warmstart/device.hpp"

namespace warmstart::detail {

/// What the link to a CUDA device does at best: plain copies out of pinned memory, with nothing
/// else to wait for.
class link_ceiling {
 public:
  /// Allocates as much on the device, and a part of it on the host. Throws `device` or
  /// `out_of_memory`.
  link_ceiling(const device& to, std::int64_t size_bytes);
  ~link_ceiling();

  /// Copies the bytes once, and waits.
  void copy();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace warmstart::detail
