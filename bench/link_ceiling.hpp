#pragma once

#include <cstdint>
#include <memory>

#include "warmstart/device.hpp"

namespace warmstart::detail {

/// The best that the link to a CUDA device can do: copies from pinned memory that wait for nothing.
class link_ceiling {
 public:
  /// Allocates `size_bytes` on the device and up to 128 MiB on the host. Throws `device` or
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
