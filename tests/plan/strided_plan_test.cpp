// Plans for tensors that files and variables lay out differently: strided tensors, and views.

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "engine/host_copy.hpp"
#include "plan/print.hpp"
#include "plan/transfer_plan.hpp"
#include "support/catalog_builder.hpp"
#include "support/naive_view.hpp"

namespace warmstart::detail {
namespace {

using test::box_of;
using test::catalog_builder;
using test::rows_builder;

using index_list = std::vector<std::int64_t>;

struct wanted_tensor {
  std::uint32_t tensor = 0;
  view_steps steps = {};
};

// Each row from the tensor of the same position in `tensors`, through a view where it has steps.
transfer_plan plan_views(const rows_builder& rows, const catalog& source,
                         const std::vector<wanted_tensor>& tensors,
                         const plan_options& options = {}) {
  std::vector<assignment> wanted;
  std::shared_ptr<const view> through;
  for (std::uint32_t row = 0; row < tensors.size(); ++row) {
    const auto& [tensor, steps] = tensors[row];
    const variable_info& to = rows.get()[row];
    // Parts of a variable share their view.
    if (row == 0 || to.variable != rows.get()[row - 1].variable) {
      through = steps.none() ? nullptr
                             : std::make_shared<view>(steps, source.tensors[tensor].full_shape,
                                                      to.full_shape);
    }
    wanted.push_back({.row = row, .tensor = tensor, .wanted = to.slice, .view = through});
  }
  const catalog* catalogs[] = {&source};
  return make_transfer_plan(rows.get(), wanted, catalogs, options);
}

TEST(strided_plan, a_transposed_tensor_is_read_in_its_order_and_compared_as_loaded) {
  catalog_builder source;
  source.tensor("storage", dtype::float32, {12}).sharing("t", dtype::float32, {4, 3}, 0, {1, 4});
  rows_builder rows;
  rows.variable("x", dtype::float32, {4, 3});
  EXPECT_EQ(to_text(plan_views(rows, source.get(), {{1}}), rows.get()),
            "read data [0, 48) slot\n"
            "  segment [0, 48) of t at 0 checked\n"
            "  scatter 0 -> x +0: 3 x (16 -> 4) 4 x (4 -> 12) 1 elements\n"
            "check x: loaded\n"
            "needed 48 read 48 staging 1 x 4096\n");
}

TEST(strided_plan, a_dense_view_of_a_larger_storage_is_an_unchecked_run) {
  catalog_builder source;
  source.tensor("storage", dtype::float32, {1000})
      .sharing("t", dtype::float32, {100, 2}, 600, {2, 1});
  rows_builder rows;
  rows.variable("x", dtype::float32, {100, 2});
  EXPECT_EQ(to_text(plan_views(rows, source.get(), {{1}}), rows.get()),
            "read data [2400, 3200)\n"
            "  segment [0, 800) of t at 2400\n"
            "  land 0 -> x +0: 200 elements\n"
            "check x: loaded\n"
            "needed 800 read 800 staging 0 x 0\n");
}

TEST(strided_plan, an_expanded_tensor_is_read_once) {
  catalog_builder source;
  source.tensor("storage", dtype::float32, {4}).sharing("t", dtype::float32, {3, 4}, 0, {0, 1});
  rows_builder rows;
  rows.variable("x", dtype::float32, {3, 4});
  EXPECT_EQ(to_text(plan_views(rows, source.get(), {{1}}), rows.get()),
            "read data [0, 16) slot\n"
            "  segment [0, 16) of t at 0 checked\n"
            "  scatter 0 -> x +0: 3 x (0 -> 16) 4 elements\n"
            "check x: loaded\n"
            "needed 16 read 16 staging 1 x 4096\n");
}

TEST(strided_plan, a_view_and_its_storage_share_bytes_whatever_their_types) {
  catalog_builder source;
  source.tensor("storage", dtype::float32, {3, 4})
      .sharing("t", dtype::float32, {4, 3}, 0, {1, 4})
      .sharing("bytes", dtype::uint8, {10}, 7, {2});
  rows_builder rows;
  rows.variable("x", dtype::float32, {3, 4})
      .variable("y", dtype::float32, {4, 3})
      .variable("z", dtype::uint8, {10});
  EXPECT_EQ(to_text(plan_views(rows, source.get(), {{0}, {1}, {2}}), rows.get()),
            "read data [0, 48) slot\n"
            "  segment [0, 48) of storage at 0 checked\n"
            "  copy 0 -> x +0: 12 elements\n"
            "  scatter 0 -> y +0: 3 x (16 -> 4) 4 x (4 -> 12) 1 elements\n"
            "  scatter 7 -> z +0: 10 x (2 -> 1) 1 elements\n"
            "check x: stored\n"
            "check y: loaded\n"
            "check z: loaded\n"
            "needed 48 read 48 staging 1 x 4096\n");
}

TEST(strided_plan, rows_of_a_remap_are_read_where_they_lie_and_the_others_filled) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {1000, 100});
  rows_builder rows;
  rows.variable("x", dtype::float32, {3, 100},
                {box_of({{0, 2}, {0, 100}}), box_of({{2, 1}, {0, 100}})});
  const view_steps steps{.remaps = {std::make_shared<const index_remap>(index_list{900, -1, 7})}};
  EXPECT_EQ(to_text(plan_views(rows, source.get(), {{0, steps}, {0, steps}}), rows.get()),
            "read data [2800, 3200) slot\n"
            "  segment [0, 400) of a at 2800\n"
            "  copy 0 -> x/part_1 +0: 100 elements\n"
            "read data [360000, 360400) slot\n"
            "  segment [0, 400) of a at 360000\n"
            "  copy 0 -> x/part_0 +0: 100 elements\n"
            "fill x/part_0 1,1:0,100\n"
            "check x/part_0: loaded\n"
            "check x/part_1: loaded\n"
            "needed 800 read 800 staging 1 x 4096\n");
}

TEST(strided_plan, a_row_without_tensor_elements_is_compared_with_its_initializer) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {5, 2});
  rows_builder rows;
  rows.variable("x", dtype::float32, {2, 2});
  const view_steps steps{.remaps = {std::make_shared<const index_remap>(index_list{})}};
  EXPECT_EQ(to_text(plan_views(rows, source.get(), {{0, steps}}), rows.get()),
            "fill x 0,2:0,2\n"
            "check x: loaded\n"
            "needed 0 read 0 staging 0 x 0\n");
}

// The same half of a tensor twice has as many bytes as all of it.
TEST(strided_plan, two_views_of_one_half_do_not_check_the_extent) {
  catalog_builder source;
  source.tensor("a", dtype::float32, {4, 2});
  rows_builder rows;
  rows.variable("x", dtype::float32, {4, 2}, {box_of({{0, 2}, {0, 2}}), box_of({{2, 2}, {0, 2}})});
  const auto half = [&] {
    return std::make_shared<const view>(view_steps{.part = {{0, 2}, {0, 2}}}, shape{4, 2},
                                        shape{2, 2});
  };
  const slice all = box_of({{0, 2}, {0, 2}});
  const catalog* catalogs[] = {&source.get()};
  const std::vector<assignment> wanted = {{.row = 0, .wanted = all, .view = half()},
                                          {.row = 1, .wanted = all, .view = half()}};
  const transfer_plan plan = make_transfer_plan(rows.get(), wanted, catalogs, {});
  EXPECT_TRUE(plan.checks.empty());
  EXPECT_EQ(plan.row_checks.at(0), row_check::loaded);
}

/// A tensor of random strides in a file of random bytes.
struct strided_file {
  catalog_builder source;
  std::vector<std::byte> bytes;
  test::naive_array positions;  ///< of the tensor's elements, in elements
};

strided_file make_file(std::mt19937& random) {
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  index_list sizes;
  std::int64_t most = 30'000;
  for (std::int64_t d = pick(1, 3); d > 0; --d) {
    sizes.push_back(pick(1, std::min<std::int64_t>(most, 300)));
    most /= sizes.back();
  }
  stored_piece piece{.slice = slice::all_of(shape(sizes)), .first = pick(0, 9)};
  piece.strides = strides_of(piece);
  std::shuffle(piece.strides.begin(), piece.strides.end(), random);
  for (std::int64_t& stride : piece.strides) {
    stride = std::max<std::int64_t>(0, stride + pick(-1, 2));
  }
  strided_file made;
  std::int64_t end = piece.first;
  for (std::size_t d = 0; d < sizes.size(); ++d) end += (sizes[d] - 1) * piece.strides[d];
  made.bytes.resize(static_cast<std::size_t>(end + 1 + pick(0, 9)) * 2);
  for (std::byte& byte : made.bytes) byte = static_cast<std::byte>(random());
  made.source.tensor("storage", dtype::uint16, {static_cast<std::int64_t>(made.bytes.size() / 2)})
      .sharing("t", dtype::uint16, shape(sizes), piece.first, piece.strides);
  made.positions.sizes = sizes;
  test::for_each_index(sizes, [&](const index_list& index) {
    std::int64_t position = piece.first;
    for (std::size_t d = 0; d < sizes.size(); ++d) position += index[d] * piece.strides[d];
    made.positions.elements.push_back(position);
  });
  return made;
}

// Carries the plan out, by the book.
std::vector<std::vector<std::byte>> carried_out(const transfer_plan& plan,
                                                std::span<const variable_info> rows,
                                                std::span<const std::byte> file) {
  std::vector<std::vector<std::byte>> memory;
  for (const variable_info& row : rows) {
    memory.emplace_back(static_cast<std::size_t>(row.size_bytes()), std::byte{0xCC});
  }
  for (const chunk& one : plan.chunks) {
    for (const chunk_copy& copy : transfer_plan::part(plan.copies, one.copies)) {
      const demand& wanted = plan.demands[copy.demand];
      EXPECT_LE(copy.source_bytes, one.size_bytes);
      copy_on_host({.source = file.data() + one.offset_bytes + copy.source_bytes,
                    .destination = memory[wanted.row].data() + copy.destination_bytes,
                    .conversion = wanted.conversion,
                    .run = copy.run,
                    .dimensions = transfer_plan::part(plan.dimensions, copy.dimensions)});
    }
  }
  return memory;
}

TEST(strided_plan, random_views_of_random_storages_land_where_loops_put_them) {
  std::mt19937 random(5);
  for (int round = 0; round < 400; ++round) {
    strided_file file = make_file(random);
    const test::random_view wanted = test::make_random_view(file.positions, random);
    const shape whole(wanted.result.sizes);
    std::vector<slice> parts;
    std::vector<slice_extent> extents = slice::all_of(whole).extents();
    const std::size_t axis = extents.empty() ? 0 : random() % extents.size();
    for (std::int64_t at = 0; !extents.empty() && at < whole[static_cast<int>(axis)];) {
      const std::int64_t left = whole[static_cast<int>(axis)] - at;
      const std::int64_t length = 1 + static_cast<std::int64_t>(random()) % left;
      extents[axis] = {.start = at, .length = length};
      parts.emplace_back(extents);
      at += length;
    }
    rows_builder rows;
    rows.variable("x", dtype::uint16, whole, parts);
    plan_options options;
    options.chunk_bytes = min_chunk_bytes;
    options.max_gap_bytes = static_cast<std::int64_t>(random() % 100);
    options.partial_checksums = partial_checksums::never;
    const std::vector<wanted_tensor> tensors(rows.get().size(), {1, wanted.steps});
    const transfer_plan plan = plan_views(rows, file.source.get(), tensors, options);

    // Needed is what is used; read is what is needed, and gaps.
    std::vector<bool> used(file.bytes.size() / 2, false);
    for (const std::int64_t position : wanted.result.elements) {
      if (position >= 0) used[static_cast<std::size_t>(position)] = true;
    }
    EXPECT_EQ(plan.bytes_needed, 2 * std::count(used.begin(), used.end(), true));
    EXPECT_GE(plan.bytes_read, plan.bytes_needed);
    std::int64_t read_until = 0;
    for (const chunk& one : plan.chunks) {
      EXPECT_GE(one.offset_bytes, read_until);
      read_until = one.offset_bytes + one.size_bytes;
    }

    const auto memory = carried_out(plan, rows.get(), file.bytes);
    for (std::size_t row = 0; row < memory.size(); ++row) {
      const slice& where = rows.get()[row].slice;
      test::naive_array all = wanted.result;
      std::size_t i = 0;
      test::for_each_index(where.lengths().sizes(), [&](index_list index) {
        for (std::size_t d = 0; d < index.size(); ++d) index[d] += where.extents()[d].start;
        const std::int64_t position = all.at(index);
        const std::byte untouched[] = {std::byte{0xCC}, std::byte{0xCC}};
        const std::byte* expected =
            position < 0 ? untouched : file.bytes.data() + 2 * static_cast<std::size_t>(position);
        EXPECT_EQ(std::memcmp(memory[row].data() + 2 * i++, expected, 2), 0);
      });
    }
    ASSERT_FALSE(testing::Test::HasFailure()) << "round " << round;
  }
}

}  // namespace
}  // namespace warmstart::detail
