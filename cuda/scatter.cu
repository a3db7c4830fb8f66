#include "core/scatter_list.hpp"
#include "cuda/element_access.cuh"
#include "cuda/scatter.hpp"
#include "cuda/warps.cuh"

namespace warmstart {
namespace {

// Shorter runs are copied element by element: a warp has no use for vectors there.
constexpr std::int64_t MIN_VECTOR_RUN_BYTES = 256;

struct run_address {
  std::uintptr_t source;
  std::uintptr_t destination;
};

__device__ run_address address_of_run(const scatter_piece& piece, const box_dimension* dimensions,
                                      std::int64_t run) {
  run_address at{piece.source, piece.destination};
  for (int d = piece.dimension_count - 1; d >= 0; --d) {
    const box_dimension& loop = dimensions[piece.first_dimension + d];
    const std::int64_t index = run % loop.count;
    run /= loop.count;
    at.source += index * loop.source_stride;
    at.destination += index * loop.destination_stride;
  }
  return at;
}

// Words [FIRST, FIRST + 4] of two vectors, moved down by some bits.
template <int FIRST>
__device__ uint4 shift_down(const uint4& low, const uint4& high, std::uint32_t bits) {
  const std::uint32_t words[8] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
  return make_uint4(__funnelshift_r(words[FIRST], words[FIRST + 1], bits),
                    __funnelshift_r(words[FIRST + 1], words[FIRST + 2], bits),
                    __funnelshift_r(words[FIRST + 2], words[FIRST + 3], bits),
                    __funnelshift_r(words[FIRST + 3], words[FIRST + 4], bits));
}

// Vectors to an aligned destination from a source that begins `FIRST` words and some bits behind
// an alignment: every source vector is read once, and handed to the lane before.
template <int FIRST>
__device__ void copy_shifted(const uint4* source, std::uint32_t bits, uint4* destination,
                             std::int64_t count, std::uint32_t lane) {
  for (std::int64_t base = 0; base < count; base += WARP) {
    const std::int64_t v = base + lane;
    const auto active = static_cast<std::uint32_t>(min(count - base, std::int64_t{WARP}));
    uint4 low = make_uint4(0, 0, 0, 0);
    if (lane < active) low = source[v];
    uint4 high;
    high.x = __shfl_down_sync(~0U, low.x, 1);
    high.y = __shfl_down_sync(~0U, low.y, 1);
    high.z = __shfl_down_sync(~0U, low.z, 1);
    high.w = __shfl_down_sync(~0U, low.w, 1);
    if (lane + 1 == active) high = source[v + 1];
    if (lane < active) destination[v] = shift_down<FIRST>(low, high, bits);
  }
}

__device__ void copy_bytes(std::uintptr_t source, std::uintptr_t destination, std::int64_t count,
                           std::uint32_t lane) {
  const auto copy_byte = [&](std::int64_t i) {
    *reinterpret_cast<std::uint8_t*>(destination + i) =
        *reinterpret_cast<const std::uint8_t*>(source + i);
  };
  const std::int64_t head = min(count, static_cast<std::int64_t>((16 - destination % 16) % 16));
  if (lane < head) copy_byte(lane);
  source += head;
  destination += head;
  count -= head;

  const std::int64_t vectors = count / 16;
  const auto shift = static_cast<std::uint32_t>(source % 16);
  const auto* from = reinterpret_cast<const uint4*>(source - shift);
  auto* to = reinterpret_cast<uint4*>(destination);
  const std::uint32_t bits = 8 * (shift % 4);
  if (shift == 0) {
    for (std::int64_t v = lane; v < vectors; v += WARP) to[v] = from[v];
  } else if (shift < 4) {
    copy_shifted<0>(from, bits, to, vectors, lane);
  } else if (shift < 8) {
    copy_shifted<1>(from, bits, to, vectors, lane);
  } else if (shift < 12) {
    copy_shifted<2>(from, bits, to, vectors, lane);
  } else {
    copy_shifted<3>(from, bits, to, vectors, lane);
  }
  if (16 * vectors + lane < count) copy_byte(16 * vectors + lane);
}

// Elements [begin, end) of a piece whose bytes stay as they are, run by run.
__device__ void copy_runs(const scatter_piece& piece, const box_dimension* dimensions,
                          std::int64_t begin, std::int64_t end, std::uint32_t lane) {
  const std::uint32_t size = size_on_device(piece.from);
  while (begin < end) {
    const std::int64_t run = begin / piece.run;
    const std::int64_t within = begin % piece.run;
    const std::int64_t count = min(piece.run - within, end - begin);
    const run_address at = address_of_run(piece, dimensions, run);
    copy_bytes(at.source + within * size, at.destination + within * size, count * size, lane);
    begin += count;
  }
}

__device__ void copy_elements(const scatter_piece& piece, const box_dimension* dimensions,
                              std::int64_t begin, std::int64_t end, std::uint32_t lane) {
  const std::uint32_t from_size = size_on_device(piece.from);
  const std::uint32_t to_size = size_on_device(piece.to);
  for (std::int64_t i = begin + lane; i < end; i += WARP) {
    const std::int64_t within = i % piece.run;
    const run_address at = address_of_run(piece, dimensions, i / piece.run);
    element_bits bits = load_element(at.source + within * from_size, from_size);
    if (piece.swapped) bits = swap_element(piece.from, bits);
    if (piece.from != piece.to) bits = cast_bits(piece.from, piece.to, bits);
    store_element(at.destination + within * to_size, to_size, bits);
  }
}

__global__ void __launch_bounds__(WARP* WARPS_PER_BLOCK)
    scatter_kernel(const scatter_piece* pieces, std::uint32_t count, std::uint32_t units) {
  const auto* dimensions = reinterpret_cast<const box_dimension*>(pieces + count);
  for_each_unit(
      pieces, count, units, [&](std::uint32_t number, std::uint32_t unit, std::uint32_t lane) {
        const scatter_piece piece = pieces[number];
        const std::uint32_t size = max(size_on_device(piece.from), size_on_device(piece.to));
        const std::int64_t per_unit = scatter_unit_elements(size);
        const std::int64_t begin = unit * per_unit;
        const std::int64_t end = min(begin + per_unit, piece.elements);
        const bool plain = piece.from == piece.to && (!piece.swapped || size == 1);
        if (plain && piece.run * size >= MIN_VECTOR_RUN_BYTES) {
          copy_runs(piece, dimensions, begin, end, lane);
        } else {
          copy_elements(piece, dimensions, begin, end, lane);
        }
      });
}

}  // namespace

void launch_scatter(const scatter_list& what, const std::byte* list, cudaStream_t stream) {
  scatter_kernel<<<blocks_for(what.units), WARP * WARPS_PER_BLOCK, 0, stream>>>(
      reinterpret_cast<const scatter_piece*>(list), what.pieces, what.units);
  WARMSTART_CUDA_CHECK(cudaGetLastError());
}

}  // namespace warmstart
