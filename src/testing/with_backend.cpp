#include "testing/with_backend.hpp"

#include <future>

namespace warmstart::testkit {

void with_backend(const device& device, const std::function<void(detail::backend& on)>& work) {
  const auto use = [&] {
    const auto on = detail::make_backend(device);
    work(*on);
    on->finish();
  };
  if (device.kind() == device_kind::cpu) {
    use();
  } else {
    std::async(std::launch::async, use).get();
  }
}

void with_backend(const resident_tensor& memory,
                  const std::function<void(detail::backend& on)>& work) {
  with_backend(memory.device, [&](detail::backend& on) {
    on.begin_after(memory.stream);
    work(on);
  });
}

}  // namespace warmstart::testkit
