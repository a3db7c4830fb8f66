#include "formats/numpy/npy_array.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/file_problem.hpp"
#include "formats/common/stored_shape.hpp"
#include "formats/common/tensor_refusals.hpp"
#include "formats/numpy/npy_header.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {
namespace {

std::vector<std::int64_t> strides_of(const npy_array& array) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(array.shape.rank()));
  std::int64_t stride = 1;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    const std::size_t d = array.column_major ? i : strides.size() - 1 - i;
    strides[d] = stride;
    stride *= array.shape[static_cast<int>(d)];
  }
  return strides;
}

}  // namespace

npy_array read_npy_array(const file& from, const file_range& where) {
  const npy_header header = read_npy_header(from, where);
  const auto refuse = [&](const std::string& why, error_code code) {
    throw error(file_problem(code, {from.path()}, why));
  };
  npy_array made{.type = find_npy_type(header.description),
                 .shape = {},
                 .column_major = header.column_major,
                 .data = {}};
  if (made.type.type == dtype::invalid) {
    refuse("elements of type " + in_quotes(header.description) + " cannot be loaded",
           is_npy_type(header.description) ? error_code::unsupported : error_code::corrupt);
  }
  const auto unit = size_of(made.type.type);
  auto of = stored_shape(header.sizes, unit);
  if (!of) refuse("its shape is larger than any tensor's", error_code::corrupt);
  if (of->rank() > MAX_STORED_RANK) {
    refuse(fmt::format("rank {} is above {}", of->rank(), MAX_STORED_RANK),
           error_code::unsupported);
  }
  made.shape = *std::move(of);
  const std::int64_t size = made.shape.element_count() * static_cast<std::int64_t>(unit);
  if (size > where.end - header.data_begin) {
    throw error(file_difference(
        error_code::corrupt, {from.path(), header.data_begin},
        fmt::format("elements of {}{}", name_of(made.type.type), to_string(made.shape)),
        {.expected = fmt::format("{} bytes", size),
         .found = fmt::format("{}", where.end - header.data_begin)}));
  }
  made.data = {.begin = header.data_begin, .end = header.data_begin + size};
  return made;
}

void add_npy_tensor(catalog& into, std::string name, const npy_array& array, std::uint32_t file,
                    std::int64_t extent_end, const stored_checksum& checksum) {
  catalog_tensor tensor{.name = std::move(name),
                        .type = array.type.type,
                        .type_number = static_cast<std::int64_t>(array.type.type),
                        .type_guessed = array.type.guessed,
                        .swapped = array.type.swapped,
                        .full_shape = array.shape};
  if (array.data.begin < array.data.end) {
    const bool dense =
        extent_end == array.data.end && (!array.column_major || array.shape.rank() < 2);
    tensor.pieces.push_back({.slice = slice::all_of(array.shape),
                             .extent = static_cast<std::uint32_t>(into.extents.size()),
                             .strides = dense ? std::vector<std::int64_t>() : strides_of(array)});
    into.extents.push_back({.file = file,
                            .offset_bytes = array.data.begin,
                            .size_bytes = extent_end - array.data.begin,
                            .checksum = checksum});
  }
  into.tensors.push_back(std::move(tensor));
}

}  // namespace warmstart::detail
