// A kernel of the program's own works on what was loaded.

#include <cuda_runtime.h>

#include <cstring>
#include <iostream>
#include <vector>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;

__global__ void double_all(float* values, int count) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < count) values[i] *= 2;
}

int main(int, char** argv) {
  ws::variable_store vars{"cuda:0"};
  const auto kernel = vars.get_variable("kernel", {20, 2});
  ws::init_from_checkpoint(vars, argv[1], {{"old_scope_1/var1", kernel}});
  ws::run_initializers(vars);
  double_all<<<1, 64>>>(static_cast<float*>(kernel.data()), 40);
  if (cudaDeviceSynchronize() != cudaSuccess) return 2;

  std::vector<float> stored(40);
  std::vector<float> doubled(40);
  const ws::host_tensor tensor = ws::checkpoint::open(argv[1]).read("old_scope_1/var1");
  std::memcpy(stored.data(), tensor.bytes.data(), 160);
  std::memcpy(doubled.data(), ws::read_back(kernel).data(), 160);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    if (doubled[i] != 2 * stored[i]) return 1;
  }
  std::cout << "doubled on " << to_string(kernel.devices().front()) << '\n';
  return 0;
}
