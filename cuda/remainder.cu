#include "checksum/crc32c.hpp"
#include "cuda/cuda_check.hpp"
#include "cuda/remainder.hpp"
#include "cuda/warps.cuh"

namespace warmstart::detail {
namespace {

constexpr std::int64_t BLOCK_BYTES = 16;
constexpr std::int64_t STRIDE_BYTES = WARP * BLOCK_BYTES;

constexpr std::uint32_t power_of(std::int64_t bytes) {
  std::uint32_t factor = 0x80000000U;
  for (std::uint32_t square = crc_byte_power; bytes != 0; bytes >>= 1) {
    if ((bytes & 1) != 0) factor = crc32c_multiply(factor, square);
    square = crc32c_multiply(square, square);
  }
  return factor;
}

struct crc_tables {
  std::uint32_t word[4][256];  ///< CRC of a byte that k zero bytes follow
  /// Advances byte k of a partial CRC from a lane's block to its next block.
  std::uint32_t skip[4][256];
  std::uint32_t power[16][16];  ///< x^8 to the power of digit · 16^position

  constexpr crc_tables() : word(), skip(), power() {
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      std::uint32_t value = byte;
      for (int bit = 0; bit < 8; ++bit) {
        value = (value >> 1U) ^ (crc32c_polynomial & (0U - (value & 1U)));
      }
      word[0][byte] = value;
    }
    for (int k = 1; k < 4; ++k) {
      for (int byte = 0; byte < 256; ++byte) {
        const std::uint32_t before = word[k - 1][byte];
        word[k][byte] = (before >> 8U) ^ word[0][before & 0xFFU];
      }
    }
    const std::uint32_t factor = power_of(STRIDE_BYTES - BLOCK_BYTES);
    for (std::uint32_t k = 0; k < 4; ++k) {
      for (std::uint32_t bit = 0; bit < 8; ++bit) {
        const std::uint32_t value = crc32c_multiply(factor, 1U << (8 * k + bit));
        for (std::uint32_t rest = 0; rest < (1U << bit); ++rest) {
          skip[k][(1U << bit) | rest] = skip[k][rest] ^ value;
        }
      }
    }
    std::uint32_t base = crc_byte_power;
    for (int position = 0; position < 16; ++position) {
      power[position][0] = 0x80000000U;
      for (int digit = 1; digit < 16; ++digit) {
        power[position][digit] = crc32c_multiply(power[position][digit - 1], base);
      }
      base = crc32c_multiply(power[position][15], base);
    }
  }
};

__device__ const crc_tables TABLES;

__device__ std::uint32_t advance(std::uint32_t remainder, std::int64_t zero_bytes) {
  if (remainder == 0) return 0;
  for (int position = 0; zero_bytes != 0; ++position, zero_bytes >>= 4) {
    if ((zero_bytes & 15) == 0) continue;
    remainder = crc32c_multiply(TABLES.power[position][zero_bytes & 15], remainder);
  }
  return remainder;
}

__device__ std::uint32_t look_up(const std::uint32_t (&table)[4][256], std::uint32_t value,
                                 bool ascending) {
  return table[ascending ? 0 : 3][value & 0xFFU] ^ table[ascending ? 1 : 2][(value >> 8U) & 0xFFU] ^
         table[ascending ? 2 : 1][(value >> 16U) & 0xFFU] ^ table[ascending ? 3 : 0][value >> 24U];
}

__device__ std::uint32_t add_word(std::uint32_t state, std::uint32_t word) {
  return look_up(TABLES.word, state ^ word, false);
}

__device__ std::uint32_t add_bytes(std::uint32_t state, const std::uint8_t* data,
                                   std::int64_t count) {
  for (; count > 0; --count, ++data) {
    state = (state >> 8U) ^ TABLES.word[0][(state ^ *data) & 0xFFU];
  }
  return state;
}

// A lane's share of the partial CRC of [data, data + count), advanced to the end of the message. A
// lane processes every 32nd block of 16 bytes; the first lane also processes the bytes before the
// blocks, the last lane those after them.
__device__ std::uint32_t lane_of_segment(const std::uint8_t* data, std::int64_t count,
                                         std::int64_t following, std::uint32_t lane) {
  const auto misaligned = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(data) % 16);
  const std::int64_t head = min(count, (16 - misaligned) % 16);
  const std::int64_t blocks = (count - head) / BLOCK_BYTES;
  const std::int64_t tail = count - head - blocks * BLOCK_BYTES;
  std::uint32_t sum = 0;
  if (lane == 0) sum = advance(add_bytes(0, data, head), count - head + following);
  if (lane == WARP - 1) {
    sum ^= advance(add_bytes(0, data + count - tail, tail), following);
  }
  const auto* vectors = reinterpret_cast<const uint4*>(data + head);
  std::uint32_t state = 0;
  std::int64_t block = lane;
  for (; block < blocks; block += WARP) {
    const uint4 value = vectors[block];
    state = look_up(TABLES.skip, state, true);
    state = add_word(add_word(add_word(add_word(state, value.x), value.y), value.z), value.w);
  }
  const std::int64_t done = (block - WARP + 1) * BLOCK_BYTES;  // end of the lane's last block
  return sum ^ advance(state, blocks * BLOCK_BYTES - done + tail + following);
}

struct run_place {
  const std::uint8_t* data;
  std::int64_t following;
};

__device__ run_place place_of_run(const remainder_piece& piece, const box_dimension* dimensions,
                                  std::int64_t run) {
  run_place at{reinterpret_cast<const std::uint8_t*>(piece.data), piece.following_bytes};
  for (std::uint32_t d = piece.dimension_count; d > 0; --d) {
    const box_dimension& loop = dimensions[piece.first_dimension + d - 1];
    const std::int64_t index = run % loop.count;
    run /= loop.count;
    at.data += index * loop.destination_stride;
    at.following -= index * loop.source_stride;
  }
  return at;
}

__device__ std::uint32_t lane_of_unit(const remainder_piece& piece, const box_dimension* dimensions,
                                      std::int64_t unit, std::uint32_t lane) {
  if (piece.run_bytes < min_warp_run_bytes) {
    const std::int64_t run = unit * WARP + lane;
    if (run >= piece.runs) return 0;
    const run_place at = place_of_run(piece, dimensions, run);
    return advance(add_bytes(0, at.data, piece.run_bytes), at.following);
  }
  const std::int64_t segments = segments_of_run(piece);
  const run_place at = place_of_run(piece, dimensions, unit / segments);
  const std::int64_t begin = unit % segments * segment_bytes;
  const std::int64_t end = min(begin + segment_bytes, piece.run_bytes);
  return lane_of_segment(at.data + begin, end - begin, at.following + piece.run_bytes - end, lane);
}

// Partial CRCs are combined by exclusive or, so their order does not matter.
__global__ void __launch_bounds__(WARP* WARPS_PER_BLOCK)
    remainder_kernel(const remainder_piece* pieces, std::uint32_t count, std::uint32_t units,
                     const box_dimension* dimensions, std::uint32_t* answers) {
  for_each_unit(pieces, count, units,
                [&](std::uint32_t number, std::uint32_t unit, std::uint32_t lane) {
                  std::uint32_t sum = lane_of_unit(pieces[number], dimensions, unit, lane);
                  for (std::uint32_t distance = WARP / 2; distance > 0; distance /= 2) {
                    sum ^= __shfl_xor_sync(~0U, sum, distance);
                  }
                  if (lane == 0) atomicXor(answers + number, sum);
                });
}

}  // namespace

void launch_remainders(const remainder_piece* pieces, std::uint32_t count, std::uint32_t units,
                       const box_dimension* dimensions, std::uint32_t* answers,
                       cudaStream_t stream) {
  if (units == 0) return;
  remainder_kernel<<<blocks_for(units), WARP * WARPS_PER_BLOCK, 0, stream>>>(pieces, count, units,
                                                                             dimensions, answers);
  cuda_check(cudaGetLastError(), "launch of remainder_kernel");
}

}  // namespace warmstart::detail
