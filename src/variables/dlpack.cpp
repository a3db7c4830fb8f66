#include "warmstart/dlpack.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "variables/dlpack_versioned.hpp"
#include "variables/variable_state.hpp"
#include "warmstart/error.hpp"

namespace warmstart {

using namespace detail;

namespace {

// Type codes that are newer than the DLPack header.
enum later_code : std::uint8_t {
  CODE_BOOL = 6,
  CODE_FLOAT8_E4M3B11FNUZ = 9,
  CODE_FLOAT8_E4M3FN = 10,
  CODE_FLOAT8_E4M3FNUZ = 11,
  CODE_FLOAT8_E5M2 = 12,
  CODE_FLOAT8_E5M2FNUZ = 13,
  CODE_FLOAT8_E8M0FNU = 14,
};

struct type_row {
  dtype type;
  std::uint8_t code;
  std::uint8_t bits;
};

// Excludes types of less than a byte, which DLPack packs and TensorFlow does not, and quantized
// types, which DLPack would treat as plain integers.
constexpr type_row DLPACK_TYPES[] = {
    {dtype::boolean, CODE_BOOL, 8},
    {dtype::int8, kDLInt, 8},
    {dtype::int16, kDLInt, 16},
    {dtype::int32, kDLInt, 32},
    {dtype::int64, kDLInt, 64},
    {dtype::uint8, kDLUInt, 8},
    {dtype::uint16, kDLUInt, 16},
    {dtype::uint32, kDLUInt, 32},
    {dtype::uint64, kDLUInt, 64},
    {dtype::float16, kDLFloat, 16},
    {dtype::float32, kDLFloat, 32},
    {dtype::float64, kDLFloat, 64},
    {dtype::bfloat16, kDLBfloat, 16},
    {dtype::complex64, kDLComplex, 64},
    {dtype::complex128, kDLComplex, 128},
    {dtype::float8_e4m3b11fnuz, CODE_FLOAT8_E4M3B11FNUZ, 8},
    {dtype::float8_e4m3fn, CODE_FLOAT8_E4M3FN, 8},
    {dtype::float8_e4m3fnuz, CODE_FLOAT8_E4M3FNUZ, 8},
    {dtype::float8_e5m2, CODE_FLOAT8_E5M2, 8},
    {dtype::float8_e5m2fnuz, CODE_FLOAT8_E5M2FNUZ, 8},
    {dtype::float8_e8m0fnu, CODE_FLOAT8_E8M0FNU, 8},
};

[[noreturn]] void refuse_tensor(std::string_view name, const std::string& why) {
  throw error({.code = error_code::invalid_argument,
               .message = "variable " + std::string(name) + ": " + why,
               .variable = std::string(name),
               .tensor = {}});
}

dtype type_of(std::string_view name, const DLDataType& type) {
  for (const type_row& row : DLPACK_TYPES) {
    if (row.code == type.code && row.bits == type.bits && type.lanes == 1) return row.type;
  }
  refuse_tensor(name, "the DLPack tensor's type (code " + std::to_string(type.code) + ", " +
                          std::to_string(type.bits) + " bits, " + std::to_string(type.lanes) +
                          " lanes) is not supported");
}

device device_of(std::string_view name, const DLDevice& where) {
  switch (where.device_type) {
    case kDLCPU:
    case kDLCUDAHost:
      return device::host();
    case kDLCUDA:
    case kDLCUDAManaged:
      return {device_kind::cuda, where.device_id};
    default:
      refuse_tensor(name, "the DLPack tensor is on a device of type " +
                              std::to_string(static_cast<int>(where.device_type)) +
                              "; expected the host or a CUDA device");
  }
}

void require_dense(std::string_view name, const DLTensor& tensor) {
  if (tensor.strides == nullptr) return;
  std::int64_t stride = 1;
  for (int d = tensor.ndim - 1; d >= 0; --d) {
    if (tensor.shape[d] == 0) return;
    if (tensor.shape[d] != 1 && tensor.strides[d] != stride) {
      refuse_tensor(name, "the DLPack tensor is not row-major and dense: dimension " +
                              std::to_string(d) + " has stride " +
                              std::to_string(tensor.strides[d]) + ", expected " +
                              std::to_string(stride));
    }
    stride *= tensor.shape[d];
  }
}

/// The objects that an exported tensor keeps alive.
template <class Managed>
struct exported {
  Managed tensor;
  std::shared_ptr<variable_state> keep;
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
};

std::vector<std::int64_t> dense_strides(const shape& of) {
  std::vector<std::int64_t> strides(of.sizes().size(), 1);
  // Strides have no meaning, and products could overflow.
  if (of.element_count() == 0) return strides;
  for (std::size_t d = strides.size(); d > 1; --d)
    strides[d - 2] = strides[d - 1] * of.sizes()[d - 1];
  return strides;
}

template <class Managed>
variable take_over(variable_store& store, std::string_view name, Managed* managed) {
  const DLTensor& tensor = managed->dl_tensor;
  if (tensor.ndim < 0) refuse_tensor(name, "the DLPack tensor has a negative rank");
  const dtype type = type_of(name, tensor.dtype);
  const device where = device_of(name, tensor.device);
  const shape of(std::vector<std::int64_t>(tensor.shape, tensor.shape + tensor.ndim));
  require_dense(name, tensor);
  void* data =
      tensor.data == nullptr ? nullptr : static_cast<std::byte*>(tensor.data) + tensor.byte_offset;
  variable made = store.wrap(name, of, type, data,
                             static_cast<std::size_t>(of.element_count()) * size_of(type), where);
  variable_access::state(made).parts.front().replicas.front().release = [managed] {
    if (managed->deleter != nullptr) managed->deleter(managed);
  };
  return made;
}

const type_row& row_of_type(const variable& v) {
  for (const type_row& one : DLPACK_TYPES) {
    if (one.type == v.type()) return one;
  }
  refuse_tensor(v.name(), "DLPack has no type for " + std::string(name_of(v.type())));
}

template <class Managed>
Managed* export_tensor(const variable& v, std::size_t replica) {
  const replica_state& from = variable_access::replica(v, replica);
  const type_row& type = row_of_type(v);
  if (from.ready) from.ready->wait();
  auto made = std::make_unique<exported<Managed>>();
  made->keep = variable_access::share(v);
  made->sizes = v.shape().sizes();
  made->strides = dense_strides(v.shape());
  const bool on_host = from.device.kind() == device_kind::cpu;
  made->tensor.dl_tensor = {
      .data = v.data(replica),
      .device = {.device_type = on_host ? kDLCPU : kDLCUDA, .device_id = from.device.index()},
      .ndim = v.shape().rank(),
      .dtype = {.code = type.code, .bits = type.bits, .lanes = 1},
      .shape = made->sizes.data(),
      .strides = made->strides.data(),
      .byte_offset = 0};
  made->tensor.manager_ctx = made.get();
  made->tensor.deleter = [](Managed* self) {
    delete static_cast<exported<Managed>*>(self->manager_ctx);
  };
  return &made.release()->tensor;
}

}  // namespace

variable wrap_dlpack(variable_store& store, std::string_view name, DLManagedTensor* managed) {
  if (managed == nullptr) refuse_tensor(name, "the DLPack tensor is null");
  return take_over(store, name, managed);
}

variable wrap_dlpack(variable_store& store, std::string_view name,
                     DLManagedTensorVersioned* managed) {
  if (managed == nullptr) refuse_tensor(name, "the DLPack tensor is null");
  if (managed->version.major != 1) {
    refuse_tensor(name, "the DLPack tensor has version " + std::to_string(managed->version.major) +
                            "." + std::to_string(managed->version.minor) + "; expected 1.x");
  }
  if ((managed->flags & DLPACK_FLAG_BITMASK_READ_ONLY) != 0) {
    refuse_tensor(name, "the DLPack tensor is read-only");
  }
  return take_over(store, name, managed);
}

DLManagedTensor* to_dlpack(const variable& v, std::size_t replica) {
  return export_tensor<DLManagedTensor>(v, replica);
}

DLManagedTensorVersioned* to_dlpack_versioned(const variable& v, std::size_t replica) {
  auto* made = export_tensor<DLManagedTensorVersioned>(v, replica);
  made->version = {.major = 1, .minor = 0};
  made->flags = 0;
  return made;
}

}  // namespace warmstart
