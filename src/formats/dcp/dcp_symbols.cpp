#include "formats/dcp/dcp_symbols.hpp"

#include <array>

#include "formats/torch/torch_types.hpp"

namespace warmstart::detail {
namespace {

constexpr std::array SYMBOLS = {
    symbol_entry{"torch.distributed.checkpoint.metadata Metadata", symbol_use::instance},
    symbol_entry{"torch.distributed.checkpoint.metadata TensorStorageMetadata",
                 symbol_use::instance},
    symbol_entry{"torch.distributed.checkpoint.metadata TensorProperties", symbol_use::instance},
    symbol_entry{"torch.distributed.checkpoint.metadata ChunkStorageMetadata",
                 symbol_use::instance},
    symbol_entry{"torch.distributed.checkpoint.metadata BytesStorageMetadata",
                 symbol_use::instance},
    symbol_entry{"torch.distributed.checkpoint.metadata MetadataIndex", symbol_use::instance},
    symbol_entry{"torch.distributed.checkpoint.metadata StorageMeta", symbol_use::instance},
    symbol_entry{"torch.distributed.checkpoint.filesystem _StorageInfo", symbol_use::instance},
    symbol_entry{"torch.distributed.checkpoint.metadata _MEM_FORMAT_ENCODING", symbol_use::opaque},
    symbol_entry{"torch.serialization _get_layout", symbol_use::opaque},
    symbol_entry{"torch Size", symbol_use::argument},
    symbol_entry{"pathlib PosixPath", symbol_use::opaque},
    symbol_entry{"pathlib PurePosixPath", symbol_use::opaque},
    symbol_entry{"pathlib WindowsPath", symbol_use::opaque},
    symbol_entry{"pathlib._local PosixPath", symbol_use::opaque},
    symbol_entry{"pathlib._local PurePosixPath", symbol_use::opaque},
    symbol_entry{"pathlib._local WindowsPath", symbol_use::opaque},
};

}  // namespace

std::optional<symbol_use> find_dcp_symbol(std::string_view symbol) {
  if (find_torch_dtype(symbol)) return symbol_use::value;
  const symbol_entry* const found = find_symbol(SYMBOLS, symbol);
  return found == nullptr ? std::nullopt : std::optional(found->use);
}

std::string_view dcp_class(std::string_view symbol) {
  const symbol_entry* const found = find_symbol(SYMBOLS, symbol);
  if (found == nullptr || found->use != symbol_use::instance) return {};
  return found->symbol.substr(found->symbol.find(' ') + 1);
}

}  // namespace warmstart::detail
