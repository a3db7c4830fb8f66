// Opens a checkpoint and reads its tensors, one by one; prints the seconds that the second time
// takes. What bench/python compares Python with.
// usage: each_tensor_bench FILE

#include <fmt/format.h>
#include <malloc.h>

#include <climits>
#include <exception>
#include <vector>

#include "stopwatch.hpp"
#include "warmstart/checkpoint.hpp"

namespace {

double seconds_of_reads(const char* path) {
  std::vector<warmstart::host_tensor> all;
  return warmstart::detail::seconds_of([&] {
    const auto source = warmstart::checkpoint::open(path);
    for (const auto& tensor : source.tensors()) all.push_back(source.read(tensor.name));
  });
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    fmt::print(stderr, "usage: each_tensor_bench FILE\n");
    return 2;
  }
  // The second time finds touched memory, as Python does.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  (void)seconds_of_reads(argv[1]);
  fmt::print("{}\n", seconds_of_reads(argv[1]));
  return 0;
} catch (const std::exception& thrown) {
  fmt::print(stderr, "each_tensor_bench: {}\n", thrown.what());
  return 1;
}
