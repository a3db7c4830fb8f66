#include <thrust/execution_policy.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>

#include <cstring>

#include "core/box.hpp"
#include "core/fill_element.hpp"
#include "cuda/cuda_check.hpp"
#include "cuda/element_access.cuh"
#include "cuda/fill.hpp"

namespace warmstart {
namespace {

/// The index in the full variable of a row's elements: runs, and a loop around them.
struct row_index {
  std::uint64_t first = 0;
  std::uint64_t run = 1;
  std::uint64_t stride = 0;

  __device__ std::uint64_t operator()(std::uint64_t element) const {
    return first + element / run * stride + element % run;
  }
};

template <class Make>
struct make_element {
  Make make;
  row_index index;
  std::uintptr_t destination;

  __device__ void operator()(std::uint64_t element) const {
    const auto value = make(index(element));
    element_bits bits;
    memcpy(&bits.low, &value, sizeof(value));
    store_element(destination + element * sizeof(value), sizeof(value), bits);
  }
};

struct repeat_element {
  element_bits bits;
  std::uint32_t size;
  std::uintptr_t destination;

  __device__ void operator()(std::uint64_t element) const {
    store_element(destination + element * size, size, bits);
  }
};

template <class Each>
void for_each_element(std::int64_t count, cudaStream_t stream, const Each& each) try {
  thrust::for_each_n(thrust::cuda::par_nosync.on(stream),
                     thrust::counting_iterator<std::uint64_t>(0), count, each);
  WARMSTART_CUDA_CHECK(cudaGetLastError());
} catch (const thrust::system_error& failure) {
  throw_cuda_error(static_cast<cudaError_t>(failure.code().value()), "thrust::for_each_n");
}

// Outer loops beyond the one that `row_index` has are taken apart here: a variable's parts are cut
// along one axis, and have none.
template <class Make>
void fill_box(const box& what, std::size_t loop, std::int64_t source, std::int64_t destination,
              const Make& make, std::uintptr_t row, std::size_t element_bytes,
              cudaStream_t stream) {
  const std::size_t loops_left = what.dimensions.size() - loop;
  if (loops_left > 1) {
    const box_dimension& outer = what.dimensions[loop];
    for (std::int64_t i = 0; i < outer.count; ++i) {
      fill_box(what, loop + 1, source + i * outer.source_stride,
               destination + i * outer.destination_stride, make, row, element_bytes, stream);
    }
    return;
  }
  row_index index{.first = static_cast<std::uint64_t>(source),
                  .run = static_cast<std::uint64_t>(what.run)};
  std::int64_t count = what.run;
  if (loops_left == 1) {
    index.stride = static_cast<std::uint64_t>(what.dimensions.back().source_stride);
    count *= what.dimensions.back().count;
  }
  for_each_element(count, stream,
                   make_element<Make>{make, index, row + destination * element_bytes});
}

}  // namespace

void launch_fill(const fill_command& command, cudaStream_t stream) {
  const shape own = command.where->lengths();
  if (own.element_count() == 0) return;
  const auto row = reinterpret_cast<std::uintptr_t>(command.destination);
  const std::size_t size = size_of(command.type);
  if (command.spec.kind == fill_spec::distribution::constant) {
    const auto element = constant_element(command.spec.a, command.type);
    repeat_element repeat{.size = static_cast<std::uint32_t>(size), .destination = row};
    std::memcpy(&repeat.bits, element.data(), element.size());
    for_each_element(own.element_count(), stream, repeat);
    return;
  }
  const box what = make_box(slice::all_of(*command.full_shape), *command.where, *command.where);
  with_random_maker(command.spec, command.type, [&](const auto& make) {
    fill_box(what, 0, what.source, what.destination, make, row, size, stream);
  });
}

}  // namespace warmstart
