#include "warmstart/testing/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "testing/element_text.hpp"
#include "testing/resident_rows.hpp"

namespace warmstart::testkit {
namespace {

/// The tensor, or slice of a tensor, with which memory is compared.
struct wanted_tensor {
  wanted_tensor(const checkpoint& from, std::string_view name, const slice* of_tensor)
      : checkpoint(from),
        info(from.info(name)),
        slice(of_tensor != nullptr ? of_tensor->within(info.full_shape)
                                   : slice::all_of(info.full_shape)) {}

  [[nodiscard]] std::string text() const {
    const bool all = slice.covers(info.full_shape);
    return fmt::format("{}tensor {} of {}", all ? "" : "slice " + to_string(slice) + " of ",
                       info.name, checkpoint.path());
  }

  const warmstart::checkpoint& checkpoint;
  tensor_info info;
  warmstart::slice slice;  ///< explicit
};

/// The slice `inner` of the slice `outer`; both are explicit.
slice slice_within(const slice& outer, const slice& inner) {
  std::vector<slice_extent> extents = inner.extents();
  for (int d = 0; d < inner.rank(); ++d) {
    extents[static_cast<std::size_t>(d)].start += outer[d].start;
  }
  return slice(std::move(extents));
}

// Says how dtype or shape differ; empty if they are equal.
std::string geometry_difference(const std::string& name, dtype type, const shape& of,
                                const wanted_tensor& wanted) {
  const auto text = [](dtype t, const shape& s) { return std::string(name_of(t)) + to_string(s); };
  const shape lengths = wanted.slice.lengths();
  if (type == wanted.info.type && of == lengths) return {};
  return fmt::format("{} is {}, but {} is {}", name.empty() ? "the memory" : name, text(type, of),
                     wanted.text(), text(wanted.info.type, lengths));
}

void compare_row(const resident_row& row, std::span<const std::byte> expected,
                 tensor_comparison& into) {
  const std::size_t size = size_of(row.memory.type);
  for_each_piece(row.memory, [&](std::span<const std::byte> piece, std::int64_t first) {
    const auto wanted = expected.subspan(static_cast<std::size_t>(first) * size, piece.size());
    if (std::ranges::equal(piece, wanted)) return;
    for (std::size_t at = 0; at < piece.size(); at += size) {
      if (std::memcmp(&piece[at], &wanted[at], size) == 0) continue;
      if (into.differing++ != 0) continue;
      into.first = place_of(row, first + static_cast<std::int64_t>(at / size));
      into.found = element_text(row.memory.type, piece.subspan(at, size));
      into.expected = element_text(row.memory.type, wanted.subspan(at, size));
    }
  });
  into.elements += row.memory.shape.element_count();
}

/// Expected elements; replicas share them.
struct expected_slice {
  warmstart::slice slice;
  host_buffer bytes;
};

// Reads everything in one call, so that stored bytes that parts share are read once.
std::vector<expected_slice> read_expected(const std::vector<resident_row>& rows,
                                          const wanted_tensor& wanted) {
  const std::size_t size = size_of(wanted.info.type);
  std::vector<expected_slice> expected;
  for (const resident_row& row : rows) {
    slice where = slice_within(wanted.slice, row.slice);
    const bool known = !expected.empty() && expected.back().slice == where;
    const auto elements = static_cast<std::size_t>(row.memory.shape.element_count());
    if (!known) expected.push_back({std::move(where), host_buffer(elements * size)});
  }
  std::vector<read_target> targets;
  for (expected_slice& one : expected) {
    if (!one.bytes.empty()) targets.push_back({.slice = one.slice, .destination = one.bytes});
  }
  // Check whole extents, so that damage is reported as damage, not as a difference.
  if (!targets.empty()) {
    wanted.checkpoint.read_into(wanted.info.name, targets,
                                {.partial_checksums = partial_checksums::always});
  }
  return expected;
}

tensor_comparison compare_rows(const std::vector<resident_row>& rows, const std::string& name,
                               const wanted_tensor& wanted) {
  tensor_comparison result;
  const std::vector<expected_slice> expected = read_expected(rows, wanted);
  auto with = expected.begin();
  for (const resident_row& row : rows) {
    if (with->slice != slice_within(wanted.slice, row.slice)) ++with;
    compare_row(row, with->bytes, result);
  }
  if (result.differing == 0) return result;
  result.passed = false;
  result.message =
      fmt::format("{}: {} of {} elements differ from {}, the first at {}: found {}, expected {}",
                  name.empty() ? "the memory" : name, result.differing, result.elements,
                  wanted.text(), to_string(*result.first), result.found, result.expected);
  return result;
}

tensor_comparison different(std::string how) {
  tensor_comparison result;
  result.passed = false;
  result.message = std::move(how);
  return result;
}

tensor_comparison compare(const std::vector<resident_row>& rows, const std::string& name,
                          dtype type, const shape& whole, const wanted_tensor& wanted) {
  const std::string how = geometry_difference(name, type, whole, wanted);
  return how.empty() ? compare_rows(rows, name, wanted) : different(how);
}

tensor_comparison compare_memory(const resident_tensor& memory, const wanted_tensor& wanted) {
  (void)bytes_of(memory);  // report a caller's mistake before a difference
  return compare({row_of(memory)}, memory.name, memory.type, memory.shape, wanted);
}

tensor_comparison compare_variable(const variable& v, const wanted_tensor& wanted) {
  const shape& whole = v.is_partitioned() ? v.shape() : v.info().full_shape;
  return compare(rows_of(v), v.name(), v.type(), whole, wanted);
}

}  // namespace

tensor_comparison matches_tensor(const resident_tensor& memory, const checkpoint& checkpoint,
                                 std::string_view tensor) {
  return compare_memory(memory, {checkpoint, tensor, nullptr});
}
tensor_comparison matches_tensor(const resident_tensor& memory, const checkpoint& checkpoint,
                                 std::string_view tensor, const slice& slice) {
  return compare_memory(memory, {checkpoint, tensor, &slice});
}
tensor_comparison matches_tensor(const variable& v, const checkpoint& checkpoint,
                                 std::string_view tensor) {
  return compare_variable(v, {checkpoint, tensor, nullptr});
}
tensor_comparison matches_tensor(const variable& v, const checkpoint& checkpoint,
                                 std::string_view tensor, const slice& slice) {
  return compare_variable(v, {checkpoint, tensor, &slice});
}

}  // namespace warmstart::testkit
