#include "warmstart/dlpack.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "variables/dlpack_versioned.hpp"
#include "warmstart/error.hpp"
#include "warmstart/run.hpp"

namespace warmstart::detail {
namespace {

/// A tensor of somebody else's, which counts how often it is deleted.
struct foreign_tensor {
  explicit foreign_tensor(std::vector<std::int64_t> of = {2, 3}) : sizes(std::move(of)) {
    managed.dl_tensor = {.data = memory.data(),
                         .device = {.device_type = kDLCPU, .device_id = 0},
                         .ndim = static_cast<int>(sizes.size()),
                         .dtype = {.code = kDLFloat, .bits = 32, .lanes = 1},
                         .shape = sizes.data(),
                         .strides = nullptr,
                         .byte_offset = 0};
    managed.manager_ctx = this;
    managed.deleter = [](DLManagedTensor* self) {
      ++static_cast<foreign_tensor*>(self->manager_ctx)->deleted;
    };
  }

  std::array<float, 8> memory{};
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
  DLManagedTensor managed{};
  int deleted = 0;
};

TEST(dlpack, an_import_shares_memory_and_deletes_it_once) {
  foreign_tensor tensor;
  tensor.managed.dl_tensor.byte_offset = 8;
  {
    variable_store vars{"cpu:0"};
    const variable v = wrap_dlpack(vars, "v", &tensor.managed);
    EXPECT_EQ(v.data(), tensor.memory.data() + 2);
    EXPECT_EQ(v.shape(), (shape{2, 3}));
    EXPECT_EQ(v.type(), dtype::float32);
    EXPECT_EQ(v.devices(), std::vector<device>{"cpu:0"});
    EXPECT_EQ(tensor.deleted, 0);
  }
  EXPECT_EQ(tensor.deleted, 1);
}

TEST(dlpack, an_unusable_import_is_refused_and_stays_the_callers) {
  const auto refused = [](auto change) {
    foreign_tensor tensor;
    change(tensor);
    variable_store vars{"cpu:0"};
    bool threw = false;
    try {
      wrap_dlpack(vars, "v", &tensor.managed);
    } catch (const error& bad) {
      threw = bad.code() == error_code::invalid_argument;
    }
    return threw && tensor.deleted == 0 && vars.variables().empty();
  };
  EXPECT_TRUE(refused([](auto& t) { t.managed.dl_tensor.dtype.lanes = 4; }));
  EXPECT_TRUE(refused([](auto& t) { t.managed.dl_tensor.dtype.code = kDLOpaqueHandle; }));
  EXPECT_TRUE(refused([](auto& t) { t.managed.dl_tensor.dtype.bits = 24; }));
  EXPECT_TRUE(refused([](auto& t) { t.managed.dl_tensor.device.device_type = kDLMetal; }));
  EXPECT_TRUE(refused([](auto& t) { t.managed.dl_tensor.data = nullptr; }));
  EXPECT_TRUE(refused([](auto& t) { t.sizes[0] = -2; }));
  EXPECT_TRUE(refused([](auto& t) {
    t.strides = {1, 2};
    t.managed.dl_tensor.strides = t.strides.data();
  }));
  variable_store vars{"cpu:0"};
  EXPECT_THROW(wrap_dlpack(vars, "v", static_cast<DLManagedTensor*>(nullptr)), error);
}

TEST(dlpack, an_import_accepts_row_major_strides) {
  foreign_tensor tensor({2, 1, 3});
  tensor.strides = {3, 99, 1};  // that of a dimension of size 1 does not matter
  tensor.managed.dl_tensor.strides = tensor.strides.data();
  variable_store vars{"cpu:0"};
  EXPECT_EQ(wrap_dlpack(vars, "v", &tensor.managed).shape(), (shape{2, 1, 3}));
}

TEST(dlpack, an_export_keeps_the_variable_alive) {
  DLManagedTensor* tensor = nullptr;
  {
    variable_store vars{"cpu:0"};
    const variable v = vars.get_variable("v", {2, 3}, {.initializer = constant(4)});
    EXPECT_THROW((void)to_dlpack(v), error);  // no memory yet
    run_initializers(vars);
    tensor = to_dlpack(v);
    EXPECT_EQ(tensor->dl_tensor.data, v.data());
  }
  EXPECT_EQ(tensor->dl_tensor.ndim, 2);
  EXPECT_EQ(tensor->dl_tensor.shape[1], 3);
  EXPECT_EQ(tensor->dl_tensor.device.device_type, kDLCPU);
  EXPECT_EQ(static_cast<const float*>(tensor->dl_tensor.data)[5], 4.0F);
  tensor->deleter(tensor);
}

TEST(dlpack, every_type_can_be_exported_and_imported) {
  for (const dtype type : {dtype::boolean,       dtype::int8,
                           dtype::int16,         dtype::int32,
                           dtype::int64,         dtype::uint8,
                           dtype::uint16,        dtype::uint32,
                           dtype::uint64,        dtype::float16,
                           dtype::float32,       dtype::float64,
                           dtype::bfloat16,      dtype::complex64,
                           dtype::complex128,    dtype::float8_e4m3b11fnuz,
                           dtype::float8_e4m3fn, dtype::float8_e4m3fnuz,
                           dtype::float8_e5m2,   dtype::float8_e5m2fnuz,
                           dtype::float8_e8m0fnu}) {
    variable_store vars{"cpu:0"};
    const variable v = vars.get_variable("v", {3}, {.type = type, .initializer = zeros()});
    run_initializers(vars);
    variable_store other{"cpu:0"};
    EXPECT_EQ(wrap_dlpack(other, "w", to_dlpack(v)).type(), type) << name_of(type);
  }
}

TEST(dlpack, types_that_it_lacks_are_refused) {
  variable_store vars{"cpu:0"};
  for (const dtype type : {dtype::int4, dtype::qint8, dtype::float4_e2m1fn}) {
    const variable v = vars.get_variable(std::string(name_of(type)), {3}, {.type = type});
    run_initializers(vars);
    EXPECT_THROW((void)to_dlpack(v), error) << name_of(type);
  }
}

TEST(dlpack, versioned_tensors_go_both_ways) {
  variable_store from{"cpu:0"};
  const variable v = from.get_variable("v", {2, 3, 4}, {.initializer = ones()});
  run_initializers(from);
  DLManagedTensorVersioned* const shared = to_dlpack_versioned(v);
  EXPECT_EQ(shared->version.major, 1U);
  EXPECT_EQ(shared->dl_tensor.data, v.data());
  ASSERT_NE(shared->dl_tensor.strides, nullptr);
  EXPECT_EQ(std::vector(shared->dl_tensor.strides, shared->dl_tensor.strides + 3),
            (std::vector<std::int64_t>{12, 4, 1}));
  variable_store into{"cpu:0"};
  EXPECT_EQ(wrap_dlpack(into, "v", shared).data(), v.data());
}

TEST(dlpack, versioned_tensors_that_cannot_be_used_are_refused) {
  variable_store from{"cpu:0"};
  const variable v = from.get_variable("v", {2}, {.initializer = ones()});
  run_initializers(from);
  variable_store into{"cpu:0"};
  DLManagedTensorVersioned* const shared = to_dlpack_versioned(v);
  shared->flags = DLPACK_FLAG_BITMASK_READ_ONLY;
  EXPECT_THROW(wrap_dlpack(into, "v", shared), error);
  shared->flags = 0;
  shared->version.major = 2;
  EXPECT_THROW(wrap_dlpack(into, "v", shared), error);
  EXPECT_THROW(wrap_dlpack(into, "v", static_cast<DLManagedTensorVersioned*>(nullptr)), error);
  EXPECT_TRUE(into.variables().empty());
  shared->deleter(shared);
}

}  // namespace
}  // namespace warmstart::detail
