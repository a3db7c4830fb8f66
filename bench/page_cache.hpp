#pragma once

#include <string>

namespace warmstart::detail {

/// Drops a file from the page cache and checks that no page is left. Throws `io`.
void drop_from_cache(const std::string& path);

/// Drops a file from the page cache and reads it again. The size of the folios in the cache depends
/// on how they were created, and the system copies large ones faster.
void bring_into_cache(const std::string& path);

/// Replaces a file by a copy that is written in pieces of 4 KiB and synced to the disk. The cache
/// then contains its pages one by one, as after a training run that saved a checkpoint.
void write_into_cache(const std::string& path);

}  // namespace warmstart::detail
