#include "formats/registry/file_formats.hpp"

#include <algorithm>
#include <array>

#include "formats/numpy/npy_reader.hpp"
#include "formats/safetensors/file_reader.hpp"
#include "formats/safetensors/safetensors_reader.hpp"
#include "formats/torch/torch_reader.hpp"

namespace warmstart::detail {
namespace {

constexpr std::array FORMATS = {
    file_format{"safetensors", ".safetensors", is_safetensors, read_safetensors,
                ".safetensors.index.json", read_safetensors_set},
    file_format{"torch", "", is_torch, read_torch, ".bin.index.json", read_torch_set},
    file_format{"npy", ".npy", is_npy, read_npy},
    file_format{"npz", ".npz", is_npz, read_npz},
};

}  // namespace

std::span<const file_format> file_formats() noexcept {
  return FORMATS;
}

const file_format* find_file_format(std::string_view name) noexcept {
  const auto* const found = std::find_if(FORMATS.begin(), FORMATS.end(),
                                         [&](const file_format& one) { return one.name == name; });
  return found == FORMATS.end() ? nullptr : found;
}

}  // namespace warmstart::detail
