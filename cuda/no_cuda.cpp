// Implements the CUDA functions of engine/backend.hpp in a build without CUDA.

#include "engine/backend.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

[[noreturn]] void refuse() {
  throw error(error_code::device, "no CUDA device: this warmstart was built without CUDA");
}

}  // namespace

int cuda_device_count() noexcept {
  return 0;
}

std::vector<device_info> cuda_devices() {
  return {};
}

std::vector<device> cuda_peers_of(int /*index*/) {
  return {};
}

std::unique_ptr<backend> make_cuda_backend(int /*index*/) {
  refuse();
}

std::shared_ptr<memory_resource> make_cuda_memory_resource() {
  refuse();
}

}  // namespace warmstart::detail
