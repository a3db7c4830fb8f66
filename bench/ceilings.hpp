#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace warmstart::detail {

// What this machine does at best, by programs of a few lines. All of a file, or all from byte
// `begin` on, goes to `memory`, which has room for whole pages of it. Throw `io`; a read that fails
// ends the program.

enum class plain_reads {
  buffered,  ///< pieces of 1 MiB
  fresh,     ///< pieces of 8 MiB: two threads that touch a fresh huge page at once both clear it
  checked,   ///< pieces of 256 KiB, their CRC32C taken while they are in the processor's cache
  direct,    ///< pieces of 1 MiB past the page cache: `threads` of them at once
};
void read_plainly(const std::string& path, plain_reads how, std::size_t threads,
                  std::span<std::byte> memory, std::size_t begin = 0);

/// Reads the file from byte `begin` on and takes the CRC32C of each piece of 256 KiB. Each thread
/// reads all of its pieces into one buffer, so that the bytes stay in the processor's cache.
void checksum_file(const std::string& path, std::size_t threads, std::size_t begin = 0);

/// Takes the CRC32C of `memory`, in pieces of 1 MiB.
void checksum_memory(std::size_t threads, std::span<const std::byte> memory);

/// From a mapping of the file, made for this.
void copy_mapped(const std::string& path, std::size_t threads, std::span<std::byte> memory);

/// The first half of `memory` to the second.
void copy_memory(std::size_t threads, std::span<std::byte> memory);

}  // namespace warmstart::detail
