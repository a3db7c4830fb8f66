#include "engine/copy_expectations.hpp"

#include <algorithm>

#include "base/units.hpp"
#include "checksum/crc32c_box.hpp"
#include "engine/host_copy.hpp"

namespace warmstart::detail {
namespace {

// Bytes that are converted or gathered at a time, in memory outside the staging budget.
constexpr std::int64_t CONVERTED_BYTES = 64 * kibibyte;
// Advancing a CRC to a run's position costs about as much as summing this many bytes, so shorter
// runs are gathered first.
constexpr std::int64_t MIN_RUN_BYTES = 64;

}  // namespace

void copy_expectations::add(const demand& wanted, const chunk_copy& copy,
                            std::span<const box_dimension> dimensions, const std::byte* data) {
  const std::int64_t run_bytes =
      copy.run * static_cast<std::int64_t>(size_of(wanted.conversion.to));
  if (wanted.conversion.plain() && (dimensions.empty() || run_bytes >= MIN_RUN_BYTES)) {
    add_bytes(wanted.row, data, copy.destination_bytes, run_bytes, dimensions);
    return;
  }
  // Sort loops by the order of the row, so that elements that a transpose makes adjacent form one
  // run.
  sorted_.assign(dimensions.begin(), dimensions.end());
  std::stable_sort(sorted_.begin(), sorted_.end(),
                   [](const box_dimension& a, const box_dimension& b) {
                     return a.destination_stride > b.destination_stride;
                   });
  add_converted(wanted, data, copy.destination_bytes, copy.run, sorted_);
}

void copy_expectations::add_bytes(std::uint32_t row, const std::byte* data,
                                  std::int64_t destination_bytes, std::int64_t run_bytes,
                                  std::span<const box_dimension> dimensions) {
  loops_.clear();
  for (const box_dimension& d : dimensions) {
    loops_.push_back({.count = d.count,
                      .source_stride = d.destination_stride,
                      .destination_stride = d.source_stride});
  }
  const std::int64_t following = row_bytes_[row] - destination_bytes - run_bytes;
  ledger_.add(row, crc32c_box_remainder(data, run_bytes, loops_, following));
}

// Converts elements a second time, independently of the copy, one piece of the copy at a time.
void copy_expectations::add_converted(const demand& wanted, const std::byte* data,
                                      std::int64_t destination_bytes, std::int64_t run,
                                      std::span<const box_dimension> dimensions) {
  const auto from = static_cast<std::int64_t>(size_of(wanted.conversion.from));
  const auto to = static_cast<std::int64_t>(size_of(wanted.conversion.to));
  const std::int64_t most = CONVERTED_BYTES / to;
  if (dimensions.empty()) {
    for (std::int64_t at = 0; at < run; at += most) {
      convert(wanted, data + at * from, destination_bytes + at * to, std::min(most, run - at), {});
    }
    return;
  }
  const box_dimension& outer = dimensions.front();
  std::int64_t inner = run;  // elements per iteration of the outermost loop
  for (const box_dimension& d : dimensions.subspan(1)) inner *= d.count;
  const std::int64_t turns = std::max<std::int64_t>(most / inner, 1);
  for (std::int64_t at = 0; at < outer.count; at += turns) {
    const std::byte* source = data + at * outer.source_stride;
    const std::int64_t destination = destination_bytes + at * outer.destination_stride;
    if (inner > most) {
      add_converted(wanted, source, destination, run, dimensions.subspan(1));
      continue;
    }
    std::vector<box_dimension> piece(dimensions.begin(), dimensions.end());
    piece.front().count = std::min(turns, outer.count - at);
    convert(wanted, source, destination, run, piece);
  }
}

// Converts to dense memory in which the last loop is innermost.
void copy_expectations::convert(const demand& wanted, const std::byte* data,
                                std::int64_t destination_bytes, std::int64_t run,
                                std::span<const box_dimension> dimensions) {
  std::int64_t run_bytes = run * static_cast<std::int64_t>(size_of(wanted.conversion.to));
  std::vector<box_dimension> to_dense(dimensions.begin(), dimensions.end());
  std::vector<box_dimension> from_dense(dimensions.begin(), dimensions.end());
  std::int64_t stride = run_bytes;
  for (std::size_t d = dimensions.size(); d > 0; --d) {
    to_dense[d - 1].destination_stride = stride;
    from_dense[d - 1].source_stride = stride;
    stride *= dimensions[d - 1].count;
  }
  converted_.resize(static_cast<std::size_t>(stride));
  copy_on_host({.source = data,
                .destination = converted_.data(),
                .conversion = wanted.conversion,
                .run = run,
                .dimensions = to_dense});
  while (!from_dense.empty() && from_dense.back().destination_stride == run_bytes) {
    run_bytes *= from_dense.back().count;
    from_dense.pop_back();
  }
  add_bytes(wanted.row, converted_.data(), destination_bytes, run_bytes, from_dense);
}

}  // namespace warmstart::detail
