// Stands for the backend until it is there.

#include "engine/backend.hpp"
#include "warmstart/error.hpp"

namespace warmstart {

std::unique_ptr<backend> make_cuda_backend(int /*index*/) {
  throw error(error_code::device, "the CUDA backend is not there yet");
}

std::shared_ptr<memory_resource> make_cuda_memory_resource() {
  throw error(error_code::device, "the CUDA backend is not there yet");
}

}  // namespace warmstart
