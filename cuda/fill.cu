#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "cuda/cuda_check.hpp"
#include "cuda/element_access.cuh"
#include "cuda/fill.hpp"
#include "tensor/box.hpp"
#include "tensor/fill_element.hpp"

namespace warmstart::detail {
namespace {

constexpr std::uint32_t FILL_THREADS = 256;
constexpr std::uint64_t MAX_FILL_BLOCKS = 4096;  // enough to fill any device
constexpr std::uint32_t MAX_LOG_LANES = 20;      // at most 2^20 threads per run
constexpr std::uint32_t VECTOR_BYTES = 16;
// Shorter runs are written element by element.
constexpr std::uint64_t MIN_VECTOR_RUN_BYTES = 64;

/// Runs of elements: their positions in the full variable and in memory.
struct filled_runs {
  std::uint64_t count = 1;
  std::uint64_t run = 0;     ///< elements
  std::uint64_t first = 0;   ///< index of the first element in the variable
  std::uint64_t stride = 0;  ///< elements from one run to the next
  std::uintptr_t destination = 0;
  std::uint64_t destination_stride = 0;  ///< bytes from one run to the next
};

/// Calls `body(run, unit)` for `units` units of each run. Each run has 2^log_lanes threads that
/// loop over its units, which avoids divisions.
template <class Body>
__global__ void __launch_bounds__(FILL_THREADS)
    fill_kernel(std::uint64_t runs, std::uint64_t units, std::uint32_t log_lanes, Body body) {
  const std::uint64_t lanes = std::uint64_t{1} << log_lanes;
  const std::uint64_t threads = std::uint64_t{gridDim.x} * FILL_THREADS;
  for (std::uint64_t thread = std::uint64_t{blockIdx.x} * FILL_THREADS + threadIdx.x;
       thread < runs << log_lanes; thread += threads) {
    const std::uint64_t run = thread >> log_lanes;
    for (std::uint64_t unit = thread & (lanes - 1); unit < units; unit += lanes) body(run, unit);
  }
}

template <class Body>
void launch_over(std::uint64_t runs, std::uint64_t units, cudaStream_t stream, const Body& body) {
  const auto log_lanes =
      std::min(static_cast<std::uint32_t>(std::bit_width(units - 1)), MAX_LOG_LANES);
  const std::uint64_t blocks = ((runs << log_lanes) - 1) / FILL_THREADS + 1;
  fill_kernel<<<static_cast<std::uint32_t>(std::min(blocks, MAX_FILL_BLOCKS)), FILL_THREADS, 0,
                stream>>>(runs, units, log_lanes, body);
  cuda_check(cudaGetLastError(), "launch of fill_kernel");
}

/// Stores the element that `make` returns for its index in the variable.
template <class Make>
struct make_element {
  Make make;
  filled_runs of;

  __device__ void operator()(std::uint64_t run, std::uint64_t element) const {
    const auto value = make(of.first + run * of.stride + element);
    element_bits bits;
    memcpy(&bits.low, &value, sizeof(value));
    store_element(of.destination + run * of.destination_stride + element * sizeof(value),
                  sizeof(value), bits);
  }
};
struct repeat_one_element {
  element_bits bits;
  std::uint32_t size;
  filled_runs of;

  __device__ void operator()(std::uint64_t run, std::uint64_t element) const {
    store_element(of.destination + run * of.destination_stride + element * size, size, bits);
  }
};

/// Stores the part of a run that lies in one aligned vector. `vector` contains the elements at
/// their positions in an aligned vector, which are the same for all runs.
struct repeat_vector {
  element_bits vector;
  std::uint64_t run_bytes;
  filled_runs of;

  __device__ void operator()(std::uint64_t run, std::uint64_t unit) const {
    const std::uintptr_t begin = of.destination + run * of.destination_stride;
    const std::uintptr_t end = begin + run_bytes;
    const std::uintptr_t at = begin / VECTOR_BYTES * VECTOR_BYTES + unit * VECTOR_BYTES;
    if (at >= begin && at + VECTOR_BYTES <= end) {
      store_element(at, VECTOR_BYTES, vector);
      return;
    }
    for (std::uint32_t i = 0; i < VECTOR_BYTES; ++i) {
      if (at + i < begin || at + i >= end) continue;
      const std::uint64_t word = i < 8 ? vector.low : vector.high;
      *reinterpret_cast<std::uint8_t*>(at + i) = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
    }
  }
};

element_bits bits_of(std::span<const std::byte, VECTOR_BYTES> bytes) {
  element_bits bits;
  std::memcpy(&bits, bytes.data(), bytes.size());
  return bits;
}

// The contents of an aligned vector that repeats `element`, with an element starting at
// `destination`.
element_bits vector_around(std::uintptr_t destination, std::span<const std::byte> element) {
  std::array<std::byte, VECTOR_BYTES> vector;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    vector[i] = element[(i + VECTOR_BYTES - destination % VECTOR_BYTES) % element.size()];
  }
  return bits_of(vector);
}

void launch_constant(const filled_runs& of, const std::array<std::byte, VECTOR_BYTES>& bytes,
                     std::size_t size, cudaStream_t stream) {
  const auto element = std::span(bytes).first(size);
  const std::uint64_t run_bytes = of.run * size;
  if (of.count == 1 && std::ranges::count(element, element[0]) == std::ssize(element)) {
    WARMSTART_CUDA_CHECK(cudaMemsetAsync(reinterpret_cast<void*>(of.destination),
                                         std::to_integer<int>(element[0]), run_bytes, stream));
  } else if (run_bytes >= MIN_VECTOR_RUN_BYTES) {
    // An unaligned run touches one vector more.
    const std::uint64_t vectors = (run_bytes + 2 * (VECTOR_BYTES - 1)) / VECTOR_BYTES;
    launch_over(of.count, vectors, stream,
                repeat_vector{vector_around(of.destination, element), run_bytes, of});
  } else {
    const auto element_bytes = static_cast<std::uint32_t>(size);
    launch_over(of.count, of.run, stream, repeat_one_element{bits_of(bytes), element_bytes, of});
  }
}

// Calls `launch(runs)` for every part of a box. `filled_runs` describes one loop; this function
// unrolls the loops outside it. Variables that are cut along one axis have none.
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
  filled_runs of{.run = static_cast<std::uint64_t>(what.run),
                 .first = static_cast<std::uint64_t>(source),
                 .destination = row + destination * element_bytes};
  if (loops_left == 1) {
    const box_dimension& inner = what.dimensions.back();
    of.count = static_cast<std::uint64_t>(inner.count);
    of.stride = static_cast<std::uint64_t>(inner.source_stride);
    of.destination_stride = static_cast<std::uint64_t>(inner.destination_stride) * element_bytes;
  }
  launch(of);
}

}  // namespace

void launch_fill(const fill_command& command, cudaStream_t stream) {
  if (command.slice->lengths().element_count() == 0) return;
  const auto row = reinterpret_cast<std::uintptr_t>(command.destination);
  const std::size_t size = size_of(command.type);
  const auto for_all_parts = [&](const box& what, const auto& launch) {
    for_each_part(what, 0, what.source, what.destination, row, size, launch);
  };
  if (command.spec.kind == fill_spec::distribution::constant) {
    const auto element = constant_element(command.spec.a, command.type);
    // The value does not depend on the position in the full variable, so use the longest runs in
    // the row.
    for_all_parts(make_box(command.held(), command.held(), *command.slice),
                  [&](const filled_runs& of) { launch_constant(of, element, size, stream); });
    return;
  }
  const box what = make_box(slice::all_of(*command.full_shape), command.held(), *command.slice);
  with_random_maker(command.spec, command.type, [&](const auto& make) {
    using maker = std::remove_cvref_t<decltype(make)>;
    for_all_parts(what, [&](const filled_runs& of) {
      launch_over(of.count, of.run, stream, make_element<maker>{make, of});
    });
  });
}

}  // namespace warmstart::detail
