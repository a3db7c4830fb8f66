// Which devices there are, their backends and their memory.

#include <unistd.h>

#include <fstream>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include "core/units.hpp"
#include "engine/backend.hpp"
#include "engine/pages.hpp"
#include "engine/zeroed_memory.hpp"
#include "warmstart/device.hpp"
#include "warmstart/error.hpp"
#include "warmstart/links.hpp"
#include "warmstart/memory.hpp"

namespace warmstart {
namespace {

// The value of "key : value" in one of the kernel's text files.
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
  return {.which = device::host(),
          .description = name.empty() ? "host" : std::move(name),
          .total_bytes = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * page,
          .free_bytes = static_cast<std::size_t>(sysconf(_SC_AVPHYS_PAGES)) * page};
}

// Below this, pages of its own would waste memory, and mappings are few.
constexpr std::size_t OWN_PAGES_BYTES = mebibyte;
constexpr std::align_val_t ALIGNMENT{64};

void* allocate_on_host(std::size_t size_bytes) {
  if (size_bytes >= OWN_PAGES_BYTES) return page_block(size_bytes).release();
  void* data = ::operator new(size_bytes, ALIGNMENT, std::nothrow);
  if (data == nullptr) {
    throw error(error_code::out_of_memory,
                "no " + std::to_string(size_bytes) + " bytes of host memory");
  }
  return data;
}

void deallocate_on_host(void* data, std::size_t size_bytes) noexcept {
  if (size_bytes >= OWN_PAGES_BYTES) {
    page_block::give_back(static_cast<std::byte*>(data), size_bytes);
  } else {
    ::operator delete(data, ALIGNMENT);
  }
}

// The host's memory, and each device's own allocator for the rest.
class system_memory final : public memory_resource {
 public:
  void* allocate(std::size_t size_bytes, const device& where) override {
    if (where.kind() == device_kind::cpu) return allocate_on_host(size_bytes);
    return on_devices().allocate(size_bytes, where);
  }
  void deallocate(void* data, std::size_t size_bytes, const device& where) noexcept override {
    if (where.kind() == device_kind::cpu) {
      deallocate_on_host(data, size_bytes);
    } else {
      cuda_->deallocate(data, size_bytes, where);
    }
  }

 private:
  memory_resource& on_devices() {
    const std::lock_guard lock(mutex_);
    if (!cuda_) cuda_ = make_cuda_memory_resource();
    return *cuda_;
  }

  std::mutex mutex_;
  std::shared_ptr<memory_resource> cuda_;  ///< there once it has given something
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
      links.peers[{peer, reader}] = 2 * links.host_gbps;
  }
  return links;
}

std::unique_ptr<backend> make_backend(const device& where) {
  if (where.kind() == device_kind::cpu) return make_host_backend();
  return make_cuda_backend(where.index());
}

std::shared_ptr<memory_resource> default_memory_resource() {
  return std::make_shared<system_memory>();
}

bool allocates_zeros(const memory_resource& from, std::size_t size_bytes,
                     const device& where) noexcept {
  return where.kind() == device_kind::cpu && size_bytes >= OWN_PAGES_BYTES &&
         dynamic_cast<const system_memory*>(&from) != nullptr;
}

}  // namespace warmstart
