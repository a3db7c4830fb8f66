// Lists devices, and creates their backends and memory resources.

#include <unistd.h>

#include <fstream>
#include <mutex>
#include <string>
#include <utility>

#include "engine/backend.hpp"
#include "engine/host_memory.hpp"
#include "engine/zeroed_memory.hpp"
#include "warmstart/device.hpp"
#include "warmstart/error.hpp"
#include "warmstart/links.hpp"
#include "warmstart/memory.hpp"

namespace warmstart {

using namespace detail;

namespace {

// The value of a "key : value" line in a text file of the kernel.
std::string kernel_field(const char* path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

device_info host_info() {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::string name = kernel_field("/proc/cpuinfo", "model name");
  return {.device = device::host(),
          .description = name.empty() ? "host" : std::move(name),
          .total_bytes = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * page,
          .free_bytes = static_cast<std::size_t>(sysconf(_SC_AVPHYS_PAGES)) * page};
}

// Allocates host memory itself and forwards device memory to the CUDA resource.
class system_memory final : public memory_resource {
 public:
  explicit system_memory(const default_memory_options& options) : options_(options) {}

  void* allocate(std::size_t size_bytes, const device& device) override {
    if (device.kind() == device_kind::cpu) return allocate_on_host(size_bytes, options_.huge_pages);
    return on_devices().allocate(size_bytes, device);
  }
  void deallocate(void* data, std::size_t size_bytes, const device& device) noexcept override {
    if (device.kind() == device_kind::cpu) {
      deallocate_on_host(data, size_bytes);
    } else {
      cuda_->deallocate(data, size_bytes, device);
    }
  }

 private:
  memory_resource& on_devices() {
    const std::lock_guard lock(mutex_);
    if (!cuda_) cuda_ = make_cuda_memory_resource();
    return *cuda_;
  }

  default_memory_options options_;
  std::mutex mutex_;
  std::shared_ptr<memory_resource> cuda_;  ///< created by the first allocation on a device
};

}  // namespace

device device::best() {
  return cuda_device_count() > 0 ? device(device_kind::cuda, 0) : device::host();
}

std::vector<device_info> devices() {
  std::vector<device_info> all = {host_info()};
  for (device_info& gpu : cuda_devices()) all.push_back(std::move(gpu));
  return all;
}

link_speeds default_links() {
  link_speeds links;
  for (int index = 0; index < cuda_device_count(); ++index) {
    const device reader(device_kind::cuda, index);
    for (const device& peer : cuda_peers_of(index))
      links.peer_gbps[{peer, reader}] = 2 * links.host_gbps;
  }
  return links;
}

std::unique_ptr<backend> detail::make_backend(const device& device) {
  if (device.kind() == device_kind::cpu) return make_host_backend();
  return make_cuda_backend(device.index());
}

std::shared_ptr<memory_resource> default_memory_resource(const default_memory_options& options) {
  return std::make_shared<system_memory>(options);
}

bool detail::allocates_zeros(const memory_resource& from, std::size_t size_bytes,
                             const device& device) noexcept {
  return device.kind() == device_kind::cpu && size_bytes >= own_pages_bytes &&
         dynamic_cast<const system_memory*>(&from) != nullptr;
}

}  // namespace warmstart
