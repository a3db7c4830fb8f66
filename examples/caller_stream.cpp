// A load takes its turn in a stream of the program's: it begins to write after what the program has
// queued there, and what the program queues next finds the values. Nothing waits for the GPU.

#include <cuda_runtime.h>

#include <cstdlib>
#include <iostream>
#include <warmstart/warmstart.hpp>

namespace ws = warmstart;

void check(cudaError_t result) {
  if (result == cudaSuccess) return;
  std::cerr << cudaGetErrorString(result) << '\n';
  std::exit(1);
}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: caller_stream CHECKPOINT\n";
    return 2;
  }
  constexpr std::size_t SIZE_BYTES = 20 * 2 * sizeof(float);
  float* weights = nullptr;
  float* seen = nullptr;
  cudaStream_t stream = nullptr;
  check(cudaMalloc(&weights, SIZE_BYTES));
  check(cudaMallocHost(&seen, SIZE_BYTES));
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  {
    ws::engine engine;  // kept: its staging memory is in use until the stream has come by
    ws::variable_store vars{"cuda:0"};
    vars.wrap("w", {20, 2}, ws::dtype::float32, weights, SIZE_BYTES, "cuda:0");
    ws::init_from_checkpoint(vars, argv[1], {{"old_scope_1/var1", "w"}});

    check(cudaMemsetAsync(weights, 0, SIZE_BYTES, stream));  // a last step with the old weights
    ws::run_initializers(vars, {.streams = {{"cuda:0", stream}}, .engine = &engine});
    check(cudaMemcpyAsync(seen, weights, SIZE_BYTES, cudaMemcpyDeviceToHost, stream));
    check(cudaStreamSynchronize(stream));
  }
  std::cout << "the first weights: " << seen[0] << ' ' << seen[1] << '\n';
  const bool loaded = seen[1] != 0;
  check(cudaStreamDestroy(stream));
  check(cudaFreeHost(seen));
  check(cudaFree(weights));
  return loaded ? 0 : 1;
}
