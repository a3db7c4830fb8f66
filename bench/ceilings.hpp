#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace warmstart::detail {

// The best that this machine can do, by programs of a few lines. They read a file from byte `begin`
// to its end into `memory`, whose size is a multiple of pages. Throw `io`; a failed read ends the
// program.

enum class plain_reads {
  buffered,  ///< pieces of 1 MiB
  fresh,     ///< pieces of 8 MiB: two threads that touch a fresh huge page at once both clear it
  checked,   ///< pieces of 256 KiB; computes their CRC32C while they are in the processor's cache
  direct,    ///< direct reads of 1 MiB, `threads` of them at once
};
void read_plainly(const std::string& path, plain_reads how, std::size_t threads,
                  std::span<std::byte> memory, std::size_t begin = 0);

/// Reads the file from byte `begin` on and computes the CRC32C of each piece of 256 KiB. Each
/// thread reads all of its pieces into one buffer, so that the bytes stay in the processor's cache.
void checksum_file(const std::string& path, std::size_t threads, std::size_t begin = 0);

/// Computes the CRC32C of `memory`, in pieces of 1 MiB.
void checksum_memory(std::size_t threads, std::span<const std::byte> memory);

/// Maps the file and copies it from the mapping to `memory`.
void copy_mapped(const std::string& path, std::size_t threads, std::span<std::byte> memory);

/// Copies the first half of `memory` to the second half.
void copy_memory(std::size_t threads, std::span<std::byte> memory);

}  // namespace warmstart::detail
