#include <cuda_runtime_api.h>

#include "cuda/device_memory.hpp"
#include "cuda/gpus.hpp"
#include "cuda/handles.hpp"
#include "engine/backend_contract.hpp"

namespace warmstart::detail::test {

std::vector<std::string> names_of_gpus() {
  std::vector<std::string> names;
  for (const device& gpu : first_gpus(2)) names.push_back(to_string(gpu));
  return names;
}

INSTANTIATE_TEST_SUITE_P(cuda, backend_contract, testing::ValuesIn(names_of_gpus()));

// An engine asks for tickets first, by which copies are done.
TEST(cuda_backend, a_stream_that_waits_for_commands_waits_for_copies) {
  constexpr std::size_t SIZE = 1000;
  const auto slot = allocate_pinned(SIZE);
  const auto row = allocate_on_device(SIZE);
  const auto seen = allocate_pinned(SIZE);
  const cuda_stream stream = make_stream();
  const auto tested = make_cuda_backend(0);
  std::ranges::copy(noise(SIZE, 1), slot->bytes().begin());
  const copy_command run{.source = slot->bytes().data(),
                         .destination = row->bytes().data(),
                         .conversion = {.from = dtype::uint8, .to = dtype::uint8},
                         .run = SIZE};
  tested->copy({.runs = std::span(&run, 1), .slot = slot->bytes()});
  tested->end_before(stream.get());
  WARMSTART_CUDA_CHECK(cudaMemcpyAsync(seen->bytes().data(), row->bytes().data(), SIZE,
                                       cudaMemcpyDeviceToHost, stream.get()));
  WARMSTART_CUDA_CHECK(cudaStreamSynchronize(stream.get()));
  EXPECT_TRUE(std::ranges::equal(seen->bytes(), slot->bytes()));
}

}  // namespace warmstart::detail::test
