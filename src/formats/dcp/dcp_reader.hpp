#pragma once

#include <string>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

// A directory of PyTorch's distributed checkpoints (specification 5):
//
//     .metadata      what tensors there are, and where the chunks are that the ranks saved of them
//     __0_0.distcp   the chunks, each an archive of torch.save (`torch_archive.hpp`), or
//                    safetensors files

inline constexpr auto DCP_METADATA = ".metadata";

/// Reads the metadata, and where in its archive each chunk lies. Chunks that overlap, leave gaps,
/// are damaged or not there make refusals. Throws `corrupt`; `unsupported` for metadata that hold
/// more than plain values.
[[nodiscard]] catalog read_dcp(const file_system& files, const std::string& directory);

}  // namespace warmstart::detail
