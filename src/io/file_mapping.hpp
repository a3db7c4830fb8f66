#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "io/sigbus_guard.hpp"

namespace warmstart::detail {

/// A memory mapping of a file. The file may lose pages while it is mapped (see `sigbus_guard`).
/// Thread safe.
class file_mapping {
 public:
  /// Maps a file. `page_bytes` is the page size of the mapping. Returns null if the file cannot be
  /// mapped or the SIGBUS handler cannot be installed.
  [[nodiscard]] static std::unique_ptr<file_mapping> make(int descriptor, std::int64_t size_bytes,
                                                          std::size_t page_bytes) noexcept;
  file_mapping(const file_mapping&) = delete;
  file_mapping& operator=(const file_mapping&) = delete;
  ~file_mapping();

  /// Calls `use` with these bytes of the file. Returns false if the mapping does not contain them
  /// or the file lost pages; `use` may then have seen zeros.
  [[nodiscard]] bool read(std::int64_t offset_bytes, std::int64_t size_bytes,
                          const std::function<void(std::span<const std::byte>)>& use) const;
  /// Unmaps the whole pages in the range until they are read again.
  void release(std::int64_t offset_bytes, std::int64_t size_bytes) const noexcept;

 private:
  file_mapping(std::span<const std::byte> pages, std::size_t size_bytes, std::size_t page_bytes)
      : pages_(pages),
        bytes_(pages.first(size_bytes)),
        page_bytes_(page_bytes),
        guard_(std::in_place, pages) {}

  std::span<const std::byte> pages_;
  std::span<const std::byte> bytes_;  ///< the file's bytes within the pages
  std::size_t page_bytes_;
  mutable std::optional<sigbus_guard> guard_;  ///< destroyed before the pages are unmapped
};

}  // namespace warmstart::detail
