#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "warmstart/export.hpp"

namespace warmstart {

enum class device_kind { cpu, cuda };

/// Names a device: the host (`cpu:0`) or a GPU (`cuda:N`). A device that does not exist is reported
/// when it is used, not when it is named.
class WARMSTART_EXPORT device {
 public:
  device() = default;
  device(device_kind kind, int index);
  /// Parses `cpu:0`, `cuda:1` and so on; `cpu` and `cuda` mean index 0. Throws `invalid_argument`.
  device(std::string_view name);  // NOLINT(google-explicit-constructor): "cuda:0" is a device
  device(const char* name) : device(std::string_view(name)) {}  // NOLINT

  [[nodiscard]] static device host() { return {}; }
  /// `cuda:0` if the process can use a CUDA device, else the host.
  [[nodiscard]] static device best();

  [[nodiscard]] device_kind kind() const noexcept { return kind_; }
  [[nodiscard]] int index() const noexcept { return index_; }

  friend bool operator==(const device&, const device&) = default;
  friend auto operator<=>(const device&, const device&) = default;

 private:
  device_kind kind_ = device_kind::cpu;
  int index_ = 0;
};

[[nodiscard]] WARMSTART_EXPORT std::string to_string(const device& d);

/// Properties of a device, as returned by `devices`.
struct device_info {
  warmstart::device device = {};
  std::string description = {};  ///< the processor's name, or the GPU's and its compute capability
  std::size_t total_bytes = 0;   ///< size of its memory
  std::size_t free_bytes = 0;
  std::vector<warmstart::device> peers = {};  ///< GPUs whose memory this one can access
  bool emulated = false;                      ///< a software emulation of a GPU
};

/// The devices that this process can use, the host first. Creates a CUDA context on each GPU,
/// because CUDA reports free memory only within a context.
[[nodiscard]] WARMSTART_EXPORT std::vector<device_info> devices();

}  // namespace warmstart
