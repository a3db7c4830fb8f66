#pragma once

#include <string>

namespace warmstart::detail {

/// Drops a file that is on the disk from the system's cache, and makes sure that no page of it is
/// left there. Throws `io`.
void drop_from_cache(const std::string& path);

/// Reads a file into the cache anew: in how large pieces its pages lie there depends on how they
/// came, and the system copies large pieces faster.
void bring_into_cache(const std::string& path);

/// Replaces a file by a copy that was written to the cache in pieces of 4 KiB, and to the disk: its
/// pages lie in the cache one by one, as after a training run that saved it.
void write_into_cache(const std::string& path);

}  // namespace warmstart::detail
