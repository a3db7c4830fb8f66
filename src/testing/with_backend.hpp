#pragma once

#include <functional>

#include "engine/backend.hpp"
#include "warmstart/device.hpp"
#include "warmstart/testing/resident.hpp"

namespace warmstart::testkit {

/// Calls `work` with a new backend for `device`. Backends make their device current and leave it
/// current, so those of GPUs are used on a thread of their own: the caller's thread keeps its
/// device. Returns when all commands are complete. Throws `device` and what `work` throws.
void with_backend(const device& device, const std::function<void(detail::backend& on)>& work);
/// The same for the device of `memory`, ordered after the work in its stream.
void with_backend(const resident_tensor& memory,
                  const std::function<void(detail::backend& on)>& work);

}  // namespace warmstart::testkit
