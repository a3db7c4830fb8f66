#include <thrust/execution_policy.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>

#include <cstring>
#include <type_traits>

#include "core/box.hpp"
#include "core/fill_element.hpp"
#include "cuda/cuda_check.hpp"
#include "cuda/element_access.cuh"
#include "cuda/fill.hpp"

namespace warmstart {
namespace {

/// Elements in runs with a loop around them: where they are in the full variable, and in the row.
struct run_positions {
  std::uint64_t run = 1;
  std::uint64_t first = 0;
  std::uint64_t stride = 0;
  std::uintptr_t destination = 0;  ///< of the first, in bytes
  std::uint64_t destination_stride = 0;

  __device__ std::uint64_t index(std::uint64_t element) const {
    return first + element / run * stride + element % run;
  }
  __device__ std::uintptr_t address(std::uint64_t element, std::uint32_t size) const {
    return destination + (element / run * destination_stride + element % run) * size;
  }
};

template <class Make>
struct make_element {
  Make make;
  run_positions at;

  __device__ void operator()(std::uint64_t element) const {
    const auto value = make(at.index(element));
    element_bits bits;
    memcpy(&bits.low, &value, sizeof(value));
    store_element(at.address(element, sizeof(value)), sizeof(value), bits);
  }
};

struct repeat_element {
  element_bits bits;
  std::uint32_t size;
  run_positions at;

  __device__ void operator()(std::uint64_t element) const {
    store_element(at.address(element, size), size, bits);
  }
};

/// The same in one run: nothing is divided.
struct repeat_in_run {
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
  cuda_check(cudaGetLastError(), "thrust::for_each_n");
} catch (const thrust::system_error& failure) {
  throw_cuda_error(static_cast<cudaError_t>(failure.code().value()), "thrust::for_each_n");
}

// `launch(count, positions)` for parts of a box: outer loops beyond the one that `run_positions`
// has are taken apart here. A variable's parts are cut along one axis, and have none.
template <class Launch>
void for_each_part(const box& what, std::size_t loop, std::int64_t source, std::int64_t destination,
                   std::uintptr_t row, std::size_t element_bytes, const Launch& launch) {
  const std::size_t loops_left = what.dimensions.size() - loop;
  if (loops_left > 1) {
    const box_dimension& outer = what.dimensions[loop];
    for (std::int64_t i = 0; i < outer.count; ++i) {
      for_each_part(what, loop + 1, source + i * outer.source_stride,
                    destination + i * outer.destination_stride, row, element_bytes, launch);
    }
    return;
  }
  run_positions at{.run = static_cast<std::uint64_t>(what.run),
                   .first = static_cast<std::uint64_t>(source),
                   .destination = row + destination * element_bytes};
  std::int64_t count = what.run;
  if (loops_left == 1) {
    at.stride = static_cast<std::uint64_t>(what.dimensions.back().source_stride);
    at.destination_stride = static_cast<std::uint64_t>(what.dimensions.back().destination_stride);
    count *= what.dimensions.back().count;
  }
  launch(count, at);
}

void launch_constant(const fill_command& command, std::uintptr_t row, cudaStream_t stream) {
  const std::size_t size = size_of(command.type);
  const auto element = constant_element(command.spec.a, command.type);
  element_bits bits;
  std::memcpy(&bits, element.data(), element.size());
  // Where the elements are in the full variable does not matter.
  const box what = make_box(command.held(), command.held(), *command.where);
  for_each_part(what, 0, what.source, what.destination, row, size,
                [&](std::int64_t count, const run_positions& at) {
                  const auto bytes = static_cast<std::uint32_t>(size);
                  if (at.stride == 0) {
                    for_each_element(count, stream, repeat_in_run{bits, bytes, at.destination});
                  } else {
                    for_each_element(count, stream, repeat_element{bits, bytes, at});
                  }
                });
}

}  // namespace

void launch_fill(const fill_command& command, cudaStream_t stream) {
  if (command.where->lengths().element_count() == 0) return;
  const auto row = reinterpret_cast<std::uintptr_t>(command.destination);
  if (command.spec.kind == fill_spec::distribution::constant) {
    launch_constant(command, row, stream);
    return;
  }
  const box what = make_box(slice::all_of(*command.full_shape), command.held(), *command.where);
  with_random_maker(command.spec, command.type, [&](const auto& make) {
    using maker = std::remove_cvref_t<decltype(make)>;
    for_each_part(what, 0, what.source, what.destination, row, size_of(command.type),
                  [&](std::int64_t count, const run_positions& at) {
                    for_each_element(count, stream, make_element<maker>{make, at});
                  });
  });
}

}  // namespace warmstart
