// The driver's functions that programs get from the runtime: one, which says whether a device has a
// primary context. The runtime itself offers no such question.
#include <cstring>

#include "api.hpp"

using cudaemu::call_always;
using cudaemu::require;
using cudaemu::runtime;

namespace {

// CUresult as an int: cuda.h is not included. The codes used here are the runtime's own.
int primary_context_state(int device, unsigned* flags, int* active) {
  if (flags == nullptr || active == nullptr) return cudaErrorInvalidValue;
  runtime& machine = runtime::get();
  if (device < 0 || device >= machine.device_count()) return cudaErrorInvalidDevice;
  *flags = machine.device(device).flags;
  *active = machine.device(device).context.exists() ? 1 : 0;
  return cudaSuccess;
}

cudaError_t find_entry(const char* symbol, void** function,
                       cudaDriverEntryPointQueryResult* result) {
  require(symbol != nullptr && function != nullptr, "null pointer");
  *function = nullptr;
  if (result != nullptr) *result = cudaDriverEntryPointSymbolNotFound;
  if (std::strcmp(symbol, "cuDevicePrimaryCtxGetState") != 0) {
    return cudaemu::not_supported("this function of the driver");
  }
  *function = reinterpret_cast<void*>(&primary_context_state);
  if (result != nullptr) *result = cudaDriverEntryPointSuccess;
  return cudaSuccess;
}

}  // namespace

CUDAEMU_EXPORT cudaError_t cudaGetDriverEntryPoint(const char* symbol, void** function,
                                                   unsigned long long,
                                                   cudaDriverEntryPointQueryResult* result) {
  return call_always<"cudaGetDriverEntryPoint">(
      [&] { return find_entry(symbol, function, result); });
}

CUDAEMU_EXPORT cudaError_t
cudaGetDriverEntryPointByVersion(const char* symbol, void** function, unsigned, unsigned long long,
                                 cudaDriverEntryPointQueryResult* result) {
  return call_always<"cudaGetDriverEntryPointByVersion">(
      [&] { return find_entry(symbol, function, result); });
}

CUDAEMU_EXPORT cudaError_t cudaGetDriverEntryPoint_ptsz(const char* symbol, void** function,
                                                        unsigned long long,
                                                        cudaDriverEntryPointQueryResult* result) {
  return call_always<"cudaGetDriverEntryPoint">(
      [&] { return find_entry(symbol, function, result); });
}

CUDAEMU_EXPORT cudaError_t cudaGetDriverEntryPointByVersion_ptsz(
    const char* symbol, void** function, unsigned version, unsigned long long flags,
    cudaDriverEntryPointQueryResult* result) {
  return cudaGetDriverEntryPointByVersion(symbol, function, version, flags, result);
}
