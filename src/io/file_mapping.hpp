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

/// A file's pages, in place in the system's cache. The file may lose pages while it is mapped
/// (`sigbus_guard`). Thread safe.
class file_mapping {
 public:
  /// `page_bytes`: the size of the pages that the file is mapped in. Null where the system does not
  /// map the file, or has no guard for it.
  [[nodiscard]] static std::unique_ptr<file_mapping> make(int descriptor, std::int64_t size_bytes,
                                                          std::size_t page_bytes) noexcept;
  file_mapping(const file_mapping&) = delete;
  file_mapping& operator=(const file_mapping&) = delete;
  ~file_mapping();

  /// Calls `use` with these bytes of the file. False if the file was not so large when it was
  /// mapped, or has lost pages: what `use` saw may have been zeros, then.
  [[nodiscard]] bool read(std::int64_t offset_bytes, std::int64_t size_bytes,
                          const std::function<void(std::span<const std::byte>)>& use) const;
  /// Unmaps whole pages of that part until they are read again.
  void release(std::int64_t offset_bytes, std::int64_t size_bytes) const noexcept;

 private:
  file_mapping(std::span<const std::byte> pages, std::size_t size_bytes, std::size_t page_bytes)
      : pages_(pages),
        bytes_(pages.first(size_bytes)),
        page_bytes_(page_bytes),
        guard_(std::in_place, pages) {}

  std::span<const std::byte> pages_;
  std::span<const std::byte> bytes_;  ///< the file's, of the pages
  std::size_t page_bytes_;
  mutable std::optional<sigbus_guard> guard_;  ///< destroyed before the pages are unmapped
};

}  // namespace warmstart::detail
