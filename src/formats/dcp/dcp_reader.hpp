#pragma once

#include <string>

#include "io/file.hpp"
#include "model/catalog.hpp"

namespace warmstart::detail {

// A directory of PyTorch's distributed checkpoints (specification 5):
//
//     .metadata      lists the tensors and the places of the chunks that the ranks saved
//     __0_0.distcp   chunks, each a torch.save archive (`torch_archive.hpp`); or else safetensors
//                    files hold the chunks

inline constexpr auto DCP_METADATA = ".metadata";

/// Reads the metadata, and finds each chunk's bytes in its archive. Tensors whose chunks overlap,
/// leave gaps, are damaged or missing get a refusal. Throws `corrupt`, and `unsupported` for
/// metadata that contain more than plain values.
[[nodiscard]] catalog read_dcp(const file_system& files, const std::string& directory);

}  // namespace warmstart::detail
