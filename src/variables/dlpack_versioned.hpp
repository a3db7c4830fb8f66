#pragma once

#include <dlpack/dlpack.h>

#include <cstdint>

// Defines DLPack 1.0's struct if the header is older. The layout is part of DLPack's ABI.
#if !defined(DLPACK_MAJOR_VERSION) || DLPACK_MAJOR_VERSION < 1

inline constexpr std::uint64_t DLPACK_FLAG_BITMASK_READ_ONLY = 1;

struct DLPackVersion {
  std::uint32_t major;
  std::uint32_t minor;
};

struct DLManagedTensorVersioned {
  DLPackVersion version;
  void* manager_ctx;
  void (*deleter)(DLManagedTensorVersioned* self);
  std::uint64_t flags;
  DLTensor dl_tensor;
};

#endif
