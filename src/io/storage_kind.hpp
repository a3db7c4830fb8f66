#pragma once

#include <sys/vfs.h>

#include <cstddef>

namespace warmstart::detail {

/// Whether a file system is a network file system or FUSE, which may serve anything. On such file
/// systems inode and device numbers of an unchanged file may change, the page cache does not tell
/// how fast a file can be read, and direct reads may fail.
[[nodiscard]] bool is_remote(const struct statfs& of) noexcept;

/// The page size of mappings of its files.
[[nodiscard]] std::size_t mapped_page_bytes(const struct statfs& of) noexcept;

}  // namespace warmstart::detail
