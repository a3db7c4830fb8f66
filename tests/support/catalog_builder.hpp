#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/catalog.hpp"
#include "model/variable_index.hpp"
#include "model/variable_info.hpp"

namespace warmstart::detail::test {

using pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

inline slice box_of(const pairs& extents) {
  std::vector<slice_extent> list;
  for (const auto& [start, length] : extents) list.push_back({.start = start, .length = length});
  return slice(std::move(list));
}

/// Makes catalogs of one file, tensor after tensor; the file need not exist.
class catalog_builder {
 public:
  explicit catalog_builder(std::string path = "data", std::int64_t first_offset = 0)
      : offset_(first_offset) {
    made_.path = path;
    made_.files.push_back(
        {.path = std::move(path),
         .identity = {.device = 1, .inode = 1, .size_bytes = std::int64_t{1} << 50}});
  }

  /// A tensor stored in these slices (none: as a whole), each `padding` bytes after the other.
  catalog_builder& tensor(const std::string& name, dtype type, const shape& of,
                          const std::vector<slice>& slices = {}, std::int64_t padding = 0) {
    catalog_tensor added{.name = name, .type = type, .swapped = swapped_, .full_shape = of};
    for (const slice& where : slices.empty() ? std::vector{slice::all_of(of)} : slices) {
      const std::int64_t bytes =
          where.lengths().element_count() * static_cast<std::int64_t>(size_of(type));
      added.pieces.push_back(
          {.slice = where, .extent = static_cast<std::uint32_t>(made_.extents.size())});
      made_.extents.push_back({.file = 0,
                               .offset_bytes = offset_,
                               .size_bytes = bytes,
                               .checksum = {.kind = checksum_kind::crc32c, .value = 0}});
      offset_ += bytes + padding;
    }
    made_.tensors.push_back(std::move(added));
    return *this;
  }

  /// A tensor whose elements lie in the last tensor's extent as the strides say.
  catalog_builder& sharing(const std::string& name, dtype type, const shape& of, std::int64_t first,
                           std::vector<std::int64_t> strides) {
    made_.tensors.push_back(
        {.name = name,
         .type = type,
         .swapped = swapped_,
         .full_shape = of,
         .pieces = {{.slice = slice::all_of(of),
                     .extent = static_cast<std::uint32_t>(made_.extents.size() - 1),
                     .first = first,
                     .strides = std::move(strides)}}});
    return *this;
  }

  /// Applies to tensors that are added later.
  catalog_builder& swapped() {
    swapped_ = true;
    return *this;
  }

  [[nodiscard]] const catalog& get() const { return made_; }
  [[nodiscard]] catalog& get() { return made_; }

 private:
  catalog made_;
  bool swapped_ = false;
  std::int64_t offset_;
};

/// Rows, those of a variable one after another.
inline variable_index index_of(const std::vector<variable_info>& rows) {
  variable_index index;
  std::vector<variable_info> of_one;
  for (const variable_info& row : rows) {
    if (!of_one.empty() && of_one.front().variable != row.variable) {
      index.add(std::exchange(of_one, {}));
    }
    of_one.push_back(row);
  }
  if (!of_one.empty()) index.add(std::move(of_one));
  return index;
}

/// Rows of variables, parts as slices.
class rows_builder {
 public:
  rows_builder& variable(const std::string& name, dtype type, const shape& of,
                         const std::vector<slice>& parts = {}, const device& on = {}) {
    const auto number = static_cast<std::uint32_t>(rows_.empty() ? 0 : rows_.back().variable + 1);
    const auto count = parts.empty() ? std::size_t{1} : parts.size();
    for (std::size_t i = 0; i < count; ++i) {
      rows_.push_back({.name = parts.empty() ? name : name + "/part_" + std::to_string(i),
                       .full_name = name,
                       .variable = number,
                       .part = static_cast<std::uint32_t>(i),
                       .replica = 0,
                       .partitioned = !parts.empty(),
                       .type = type,
                       .full_shape = of,
                       .slice = parts.empty() ? slice::all_of(of) : parts[i],
                       .placed_on = on});
    }
    return *this;
  }

  /// A variable whose parts are on these devices in turn.
  rows_builder& round_robin(const std::string& name, dtype type, const shape& of,
                            const std::vector<slice>& parts, const std::vector<device>& on) {
    variable(name, type, of, parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      rows_[rows_.size() - parts.size() + i].placed_on = on[i % on.size()];
    }
    return *this;
  }

  /// A variable with a replica on each device.
  rows_builder& replicas(const std::string& name, dtype type, const shape& of,
                         const std::vector<device>& on) {
    const std::size_t first = rows_.size();
    for (std::size_t i = 0; i < on.size(); ++i) {
      variable(name, type, of, {}, on[i]);
      rows_.back().variable = rows_[first].variable;
      rows_.back().replica = static_cast<std::uint32_t>(i);
    }
    return *this;
  }

  [[nodiscard]] const std::vector<variable_info>& get() const { return rows_; }

 private:
  std::vector<variable_info> rows_;
};

}  // namespace warmstart::detail::test
