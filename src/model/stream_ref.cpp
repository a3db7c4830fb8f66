#include "warmstart/stream_ref.hpp"

#include <cstdint>

#include "warmstart/error.hpp"

namespace warmstart {
namespace {

// Values of cudaStreamLegacy and cudaStreamPerThread in driver_types.h.
constexpr std::uintptr_t LEGACY_HANDLE = 1;
constexpr std::uintptr_t PER_THREAD_HANDLE = 2;

}  // namespace

stream_ref::stream_ref(const warmstart::device& owner, CUstream_st* stream)
    : device_(owner), stream_(stream) {
  if (owner.kind() != device_kind::cuda) {
    throw error(error_code::invalid_argument,
                "stream of " + to_string(owner) + ": expected a CUDA device");
  }
  const auto handle = reinterpret_cast<std::uintptr_t>(stream);
  if (handle == PER_THREAD_HANDLE) {
    throw error(
        error_code::invalid_argument,
        "cudaStreamPerThread of " + to_string(owner) +
            " names a different stream in each thread, so no other thread can order work in "
            "it; pass a stream that you created");
  }
  if (handle == LEGACY_HANDLE) stream_ = nullptr;
}

stream_ref stream_ref::legacy(const warmstart::device& owner) {
  return {owner, static_cast<CUstream_st*>(nullptr)};
}

}  // namespace warmstart
