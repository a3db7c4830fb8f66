// Measures the allocation of many small variables on a GPU: from the library's blocks, and by one
// allocation each. On the emulator it also counts CUDA calls; times on the emulator do not predict
// times on a GPU. Prints lines of JSON, which bench/run formats as a table. See allocation_bench
// --help.

#include <cuda_runtime_api.h>
#include <cudaemu.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "contest.hpp"
#include "stopwatch.hpp"
#include "warmstart/warmstart.hpp"

namespace warmstart::detail {
namespace {

constexpr std::int64_t VARIABLES = 20'000;
constexpr std::size_t VARIABLE_BYTES = 4096;
constexpr double MAX_CALLS = 100;

void check(cudaError_t result) {
  if (result != cudaSuccess) throw error(error_code::device, cudaGetErrorString(result));
}

/// Allocates each variable separately in a stream, as the library does for large variables.
class one_by_one final : public memory_resource {
 public:
  one_by_one() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  one_by_one(const one_by_one&) = delete;
  one_by_one& operator=(const one_by_one&) = delete;
  ~one_by_one() override { (void)cudaStreamDestroy(stream_); }

  void* allocate(std::size_t size_bytes, const device& /*where*/) override {
    void* data = nullptr;
    check(cudaMallocAsync(&data, size_bytes, stream_));
    check(cudaStreamSynchronize(stream_));
    return data;
  }
  void deallocate(void* data, std::size_t /*size_bytes*/,
                  const device& /*where*/) noexcept override {
    (void)cudaFreeAsync(data, stream_);
  }

 private:
  cudaStream_t stream_ = nullptr;
};

cudaemu_stats_t statistics() {
  cudaemu_stats_t now{};
  now.struct_size = sizeof(now);
  (void)cudaemu_stats(&now);
  return now;
}

struct costs {
  std::vector<double> seconds;
  std::vector<double> calls;
};

/// Allocates and frees the memory of all variables. Only the allocation is measured.
void allocate_all(memory_resource& from, std::int64_t count, costs& made) {
  const device where = "cuda:0";
  std::vector<void*> all(static_cast<std::size_t>(count));
  const std::uint64_t live = cudaemu_present() != 0 ? statistics().device.live_count : 0;
  const std::uint64_t calls = cudaemu_present() != 0 ? statistics().api_calls : 0;
  made.seconds.push_back(seconds_of([&] {
    for (void*& data : all) data = from.allocate(VARIABLE_BYTES, where);
  }));
  if (cudaemu_present() != 0) {
    made.calls.push_back(static_cast<double>(statistics().api_calls - calls));
  }
  for (void* const data : all) from.deallocate(data, VARIABLE_BYTES, where);
  check(cudaDeviceSynchronize());
  // The library frees memory on another thread. Wait, so that its calls are not counted in the next
  // round.
  while (cudaemu_present() != 0 && statistics().device.live_count > live) {
    std::this_thread::yield();
  }
}

void print(const std::string& how, const costs& made, double most_calls) {
  const bool emulated = cudaemu_present() != 0;
  if (emulated) print_value("allocation", how + ": CUDA calls", "count", made.calls, most_calls);
  print_value("allocation", how + (emulated ? ": time on the emulator" : ": time"), "seconds",
              made.seconds, 0);
}

void run(std::int64_t count, int rounds) {
  if (devices().size() < 2) {
    throw error(error_code::device, "found no GPU; run this program with scripts/emulated");
  }
  const auto blocks = default_memory_resource();
  one_by_one alone;
  costs of_blocks;
  costs of_each;
  for (int round = -1; round < rounds; ++round) {
    allocate_all(*blocks, count, of_blocks);
    allocate_all(alone, count, of_each);
    if (round == -1) of_blocks = of_each = {};  // creates streams and pools
  }
  const std::string what = fmt::format("{} variables of 4 KiB", count);
  print(what + " from blocks", of_blocks, MAX_CALLS);
  print(what + " one by one", of_each, 0);
}

}  // namespace
}  // namespace warmstart::detail

int main(int argc, char** argv) try {
  CLI::App app("Measures the allocation of small variables on a GPU.", "allocation_bench");
  std::int64_t divisor = 1;
  int rounds = 5;
  app.add_option("--divisor", divisor, "Divides the number of variables")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--rounds", rounds)->check(CLI::Range(1, 1000))->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  warmstart::detail::run(std::max<std::int64_t>(warmstart::detail::VARIABLES / divisor, 100),
                         rounds);
  return 0;
} catch (const std::exception& thrown) {
  fmt::print(stderr, "allocation_bench: {}\n", thrown.what());
  return 1;
}
