#pragma once

#include <sys/vfs.h>

#include <cstddef>

namespace warmstart::detail {

/// Whether a file system gets its files from elsewhere: a network file system, or FUSE, behind
/// which anything may be. There, inode and device numbers of a file may change while it stays the
/// same, the page cache says little about what is quick to read, and direct reads may fail.
[[nodiscard]] bool is_remote(const struct statfs& of) noexcept;

/// The size of the pages that its files are mapped in.
[[nodiscard]] std::size_t mapped_page_bytes(const struct statfs& of) noexcept;

}  // namespace warmstart::detail
