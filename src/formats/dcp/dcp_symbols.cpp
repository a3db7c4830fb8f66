#include "formats/dcp/dcp_symbols.hpp"

#include <algorithm>
#include <array>

#include "formats/torch/torch_types.hpp"

namespace warmstart {
namespace {

struct named_use {
  std::string_view symbol;
  symbol_use use;
};

constexpr std::array SYMBOLS = {
    named_use{"torch.distributed.checkpoint.metadata Metadata", symbol_use::instance},
    named_use{"torch.distributed.checkpoint.metadata TensorStorageMetadata", symbol_use::instance},
    named_use{"torch.distributed.checkpoint.metadata TensorProperties", symbol_use::instance},
    named_use{"torch.distributed.checkpoint.metadata ChunkStorageMetadata", symbol_use::instance},
    named_use{"torch.distributed.checkpoint.metadata BytesStorageMetadata", symbol_use::instance},
    named_use{"torch.distributed.checkpoint.metadata MetadataIndex", symbol_use::instance},
    named_use{"torch.distributed.checkpoint.metadata StorageMeta", symbol_use::instance},
    named_use{"torch.distributed.checkpoint.filesystem _StorageInfo", symbol_use::instance},
    named_use{"torch.distributed.checkpoint.metadata _MEM_FORMAT_ENCODING", symbol_use::opaque},
    named_use{"torch.serialization _get_layout", symbol_use::opaque},
    named_use{"torch Size", symbol_use::argument},
    named_use{"pathlib PosixPath", symbol_use::opaque},
    named_use{"pathlib PurePosixPath", symbol_use::opaque},
    named_use{"pathlib WindowsPath", symbol_use::opaque},
    named_use{"pathlib._local PosixPath", symbol_use::opaque},
    named_use{"pathlib._local PurePosixPath", symbol_use::opaque},
    named_use{"pathlib._local WindowsPath", symbol_use::opaque},
};

const named_use* find(std::string_view symbol) {
  const auto* const found = std::find_if(
      SYMBOLS.begin(), SYMBOLS.end(), [&](const named_use& one) { return one.symbol == symbol; });
  return found == SYMBOLS.end() ? nullptr : found;
}

}  // namespace

std::optional<symbol_use> find_dcp_symbol(std::string_view symbol) {
  if (find_torch_dtype(symbol)) return symbol_use::value;
  const named_use* const found = find(symbol);
  return found == nullptr ? std::nullopt : std::optional(found->use);
}

std::string_view dcp_class(std::string_view symbol) {
  const named_use* const found = find(symbol);
  if (found == nullptr || found->use != symbol_use::instance) return {};
  return found->symbol.substr(found->symbol.find(' ') + 1);
}

}  // namespace warmstart
