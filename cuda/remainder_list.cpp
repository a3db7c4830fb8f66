#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "cuda/cuda_check.hpp"
#include "cuda/device_memory.hpp"
#include "cuda/remainder.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

struct remainder_list {
  std::vector<remainder_piece> pieces;
  std::vector<box_dimension> dimensions;
  std::uint32_t units = 0;
};

remainder_list make_list(std::span<const remainder_command> commands) {
  remainder_list made;
  std::int64_t units = 0;
  for (const remainder_command& command : commands) {
    remainder_piece piece{.data = reinterpret_cast<std::uintptr_t>(command.data),
                          .run_bytes = command.run_bytes,
                          .runs = command.run_bytes == 0 ? 0 : 1,
                          .following_bytes = command.following_bytes,
                          .first_unit = static_cast<std::uint32_t>(units),
                          .first_dimension = static_cast<std::uint32_t>(made.dimensions.size()),
                          .dimension_count = static_cast<std::uint32_t>(command.dimensions.size())};
    for (const box_dimension& d : command.dimensions) piece.runs *= d.count;
    units += units_of(piece);
    made.pieces.push_back(piece);
    made.dimensions.insert(made.dimensions.end(), command.dimensions.begin(),
                           command.dimensions.end());
  }
  if (units > std::numeric_limits<std::int32_t>::max()) {
    throw error(error_code::unsupported, "too much memory to verify in one step");
  }
  made.units = static_cast<std::uint32_t>(units);
  return made;
}

}  // namespace

void compute_remainders(std::span<const remainder_command> commands,
                        std::span<std::uint32_t> answers, int index, cudaStream_t stream) {
  const remainder_list list = make_list(commands);
  if (list.units == 0) {
    std::ranges::fill(answers, 0U);
    return;
  }
  // Layout on the host and on the device: pieces | dimensions | answers
  const std::size_t pieces_bytes = list.pieces.size() * sizeof(remainder_piece);
  const std::size_t list_bytes = pieces_bytes + list.dimensions.size() * sizeof(box_dimension);
  const std::size_t size_bytes = list_bytes + answers.size_bytes();
  const auto host = allocate_pinned(size_bytes);
  const auto on_device = allocate_from_pool(index, size_bytes);
  std::byte* from = host->bytes().data();
  std::byte* to = on_device->bytes().data();
  std::byte* end = std::ranges::copy(std::as_bytes(std::span(list.pieces)), from).out;
  end = std::ranges::copy(std::as_bytes(std::span(list.dimensions)), end).out;
  std::fill_n(end, answers.size_bytes(), std::byte{0});
  WARMSTART_CUDA_CHECK(cudaMemcpyAsync(to, from, size_bytes, cudaMemcpyHostToDevice, stream));
  auto* const sums = reinterpret_cast<std::uint32_t*>(to + list_bytes);
  launch_remainders(reinterpret_cast<const remainder_piece*>(to),
                    static_cast<std::uint32_t>(list.pieces.size()), list.units,
                    reinterpret_cast<const box_dimension*>(to + pieces_bytes), sums, stream);
  WARMSTART_CUDA_CHECK(cudaMemcpyAsync(from + list_bytes, sums, answers.size_bytes(),
                                       cudaMemcpyDeviceToHost, stream));
  WARMSTART_CUDA_CHECK(cudaStreamSynchronize(stream));
  std::memcpy(answers.data(), from + list_bytes, answers.size_bytes());
}

}  // namespace warmstart::detail
