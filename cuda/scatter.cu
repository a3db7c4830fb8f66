#include "cuda/element_access.cuh"
#include "cuda/scatter.hpp"
#include "cuda/warps.cuh"
#include "model/scatter_list.hpp"

namespace warmstart::detail {
namespace {

// Shorter runs are copied element by element, because one of them would not occupy a warp.
constexpr std::int64_t MIN_LONG_RUN_BYTES = 256;
constexpr std::uintptr_t LINE_BYTES = 128;    // size of the largest memory transaction of a device
constexpr std::uint32_t STAGED_BYTES = 2048;  // bytes that a warp converts per step
constexpr std::int32_t LANES = WARP;

// All lanes of a warp execute the same number of iterations: if lanes left a loop early, the
// unrolled loop would access several groups at a time.

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

// Words [FIRST, FIRST + 4] of two vectors, shifted down by `bits`.
template <int FIRST>
__device__ uint4 shift_down(const uint4& low, const uint4& high, std::uint32_t bits) {
  const std::uint32_t words[8] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
  return make_uint4(__funnelshift_r(words[FIRST], words[FIRST + 1], bits),
                    __funnelshift_r(words[FIRST + 1], words[FIRST + 2], bits),
                    __funnelshift_r(words[FIRST + 2], words[FIRST + 3], bits),
                    __funnelshift_r(words[FIRST + 3], words[FIRST + 4], bits));
}

// The next lane's vector. The last lane receives the first vector of the next group.
__device__ uint4 following(const uint4& own, const uint4& next, std::int32_t lane) {
  const uint4 given = lane == 0 ? next : own;
  const std::int32_t from = (lane + 1) % LANES;
  return make_uint4(__shfl_sync(~0U, given.x, from), __shfl_sync(~0U, given.y, from),
                    __shfl_sync(~0U, given.z, from), __shfl_sync(~0U, given.w, from));
}

// Number of vectors to skip in the first group. A warp copies vectors in groups that start at lines
// of the source, so that no sector is read by two groups, which would cost link bandwidth.
__device__ std::int32_t vectors_left_out(const uint4* source) {
  return static_cast<std::int32_t>(reinterpret_cast<std::uintptr_t>(source) % LINE_BYTES / 16);
}

__device__ void copy_aligned(const uint4* source, uint4* destination, std::int32_t count,
                             std::int32_t lane) {
  for (std::int32_t base = -vectors_left_out(source); base < count; base += LANES) {
    const std::int32_t v = base + lane;
    if (v >= 0 && v < count) destination[v] = source[v];
  }
}

// Copies to an aligned destination from a source that starts `FIRST` words and `bits` bits after an
// aligned address. Reads each vector [0, count] of the source once.
template <int FIRST>
__device__ void copy_shifted(const uint4* source, std::uint32_t bits, uint4* destination,
                             std::int32_t count, std::int32_t lane) {
  const auto read = [&](std::int32_t v) {
    return v >= 0 && v <= count ? source[v] : make_uint4(0, 0, 0, 0);
  };
  std::int32_t base = -vectors_left_out(source);
  uint4 low = read(base + lane);
  for (; base < count; base += LANES) {
    const std::int32_t v = base + lane;
    const uint4 next = read(v + LANES);
    const uint4 high = following(low, next, lane);
    if (v >= 0 && v < count) destination[v] = shift_down<FIRST>(low, high, bits);
    low = next;
  }
}

__device__ void copy_bytes(std::uintptr_t source, std::uintptr_t destination, std::int32_t count,
                           std::int32_t lane) {
  const auto copy_byte = [&](std::int32_t i) {
    *reinterpret_cast<std::uint8_t*>(destination + i) =
        *reinterpret_cast<const std::uint8_t*>(source + i);
  };
  const std::int32_t head = min(count, static_cast<std::int32_t>((16 - destination % 16) % 16));
  if (lane < head) copy_byte(lane);
  source += head;
  destination += head;
  count -= head;

  const std::int32_t vectors = count / 16;
  const auto shift = static_cast<std::uint32_t>(source % 16);
  const auto* from = reinterpret_cast<const uint4*>(source - shift);
  auto* to = reinterpret_cast<uint4*>(destination);
  const std::uint32_t bits = 8 * (shift % 4);
  if (shift == 0) {
    copy_aligned(from, to, vectors, lane);
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

// Copies elements [begin, end) of a piece without conversion, run by run.
__device__ void copy_runs(const scatter_piece& piece, const box_dimension* dimensions,
                          std::int64_t begin, std::int64_t end, std::uint32_t lane) {
  const std::uint32_t size = size_on_device(piece.from);
  while (begin < end) {
    const std::int64_t run = begin / piece.run;
    const std::int64_t within = begin % piece.run;
    const std::int64_t count = min(piece.run - within, end - begin);
    const run_address at = address_of_run(piece, dimensions, run);
    copy_bytes(at.source + within * size, at.destination + within * size,
               static_cast<std::int32_t>(count * size), static_cast<std::int32_t>(lane));
    begin += count;
  }
}

__device__ element_bits convert(const scatter_piece& piece, element_bits bits) {
  if (piece.swapped) bits = swap_element(piece.from, bits);
  if (piece.conjugated || piece.negated) {
    bits = change_sign(piece.from, bits, piece.conjugated, piece.negated);
  }
  return piece.from == piece.to ? bits : cast_bits(piece.from, piece.to, bits);
}

// The same with a conversion. Each step reads the lines that contain its bytes into `staged` by
// whole words, so that unaligned elements cost no more sectors than aligned ones.
__device__ void convert_runs(const scatter_piece& piece, const box_dimension* dimensions,
                             std::int64_t begin, std::int64_t end, std::uint32_t lane,
                             std::uint32_t* staged) {
  const std::uint32_t from_size = size_on_device(piece.from);
  const std::uint32_t to_size = size_on_device(piece.to);
  while (begin < end) {
    const std::int64_t within = begin % piece.run;
    const run_address at = address_of_run(piece, dimensions, begin / piece.run);
    const std::uintptr_t source = at.source + within * from_size;
    const std::uintptr_t destination = at.destination + within * to_size;
    const auto offset = static_cast<std::uint32_t>(source % LINE_BYTES);
    // Multiples of a warp, so that every step has the same alignment at the destination.
    const std::int64_t step = (STAGED_BYTES - offset) / from_size / WARP * WARP;
    const auto count = static_cast<std::uint32_t>(min(step, min(piece.run - within, end - begin)));

    const auto* words = reinterpret_cast<const std::uint32_t*>(source - offset);
    const std::uint32_t word_end = (offset + count * from_size + 3) / 4;
    for (std::uint32_t base = 0; base < word_end; base += WARP) {
      const std::uint32_t i = base + lane;
      if (i >= offset / 4 && i < word_end) staged[i] = words[i];
    }
    __syncwarp();
    const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(staged) + offset;
    for (std::uint32_t base = 0; base < count; base += WARP) {
      const std::uint32_t i = base + lane;
      if (i >= count) continue;
      const element_bits bits = load_element(first + i * from_size, from_size);
      store_element(destination + i * to_size, to_size, convert(piece, bits));
    }
    __syncwarp();
    begin += count;
  }
}

// For short runs: each lane copies one element at a time.
__device__ void copy_elements(const scatter_piece& piece, const box_dimension* dimensions,
                              std::int64_t begin, std::int64_t end, std::uint32_t lane) {
  const std::uint32_t from_size = size_on_device(piece.from);
  const std::uint32_t to_size = size_on_device(piece.to);
  for (std::int64_t i = begin + lane; i < end; i += WARP) {
    const std::int64_t within = i % piece.run;
    const run_address at = address_of_run(piece, dimensions, i / piece.run);
    const element_bits bits = load_element(at.source + within * from_size, from_size);
    store_element(at.destination + within * to_size, to_size, convert(piece, bits));
  }
}

__global__ void __launch_bounds__(WARP* WARPS_PER_BLOCK)
    scatter_kernel(const scatter_piece* pieces, std::uint32_t count, std::uint32_t units) {
  __shared__ alignas(16) std::uint32_t staged[WARPS_PER_BLOCK][STAGED_BYTES / 4];
  const auto* dimensions = reinterpret_cast<const box_dimension*>(pieces + count);
  for_each_unit(
      pieces, count, units, [&](std::uint32_t number, std::uint32_t unit, std::uint32_t lane) {
        const scatter_piece piece = pieces[number];
        const std::uint32_t size = max(size_on_device(piece.from), size_on_device(piece.to));
        const std::int64_t per_unit = scatter_unit_elements(size);
        const std::int64_t begin = unit * per_unit;
        const std::int64_t end = min(begin + per_unit, piece.elements);
        const bool plain = piece.from == piece.to && (!piece.swapped || size == 1) &&
                           !piece.conjugated && !piece.negated;
        if (piece.run * size < MIN_LONG_RUN_BYTES) {
          copy_elements(piece, dimensions, begin, end, lane);
        } else if (plain) {
          copy_runs(piece, dimensions, begin, end, lane);
        } else {
          convert_runs(piece, dimensions, begin, end, lane, staged[threadIdx.x / WARP]);
        }
      });
}

}  // namespace

void launch_scatter(const scatter_list& what, const std::byte* list, cudaStream_t stream) {
  scatter_kernel<<<blocks_for(what.units), WARP * WARPS_PER_BLOCK, 0, stream>>>(
      reinterpret_cast<const scatter_piece*>(list), what.pieces, what.units);
  cuda_check(cudaGetLastError(), "launch of scatter_kernel");
}

}  // namespace warmstart::detail
