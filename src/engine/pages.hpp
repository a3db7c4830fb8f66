#pragma once

#include <cstddef>
#include <span>

namespace warmstart::detail {

/// Whole pages of host memory, aligned to 4096 bytes, which the system clears on first access.
/// Blocks of at least one huge page request huge pages.
class page_block {
 public:
  static constexpr std::size_t LARGE_BYTES = std::size_t{2} << 20;

  /// Throws `out_of_memory`.
  explicit page_block(std::size_t size_bytes, bool huge_pages = true);
  page_block(page_block&& other) noexcept;
  page_block& operator=(page_block&& other) noexcept;
  page_block(const page_block&) = delete;
  page_block& operator=(const page_block&) = delete;
  ~page_block();

  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }
  /// Touches all pages now, so that the system allocates their memory; uses several threads for
  /// large blocks.
  void touch() noexcept;
  /// Releases ownership; the caller has to call `give_back`.
  [[nodiscard]] std::byte* release() noexcept;
  static void give_back(std::byte* data, std::size_t size_bytes) noexcept;

 private:
  std::span<std::byte> bytes_;
};

}  // namespace warmstart::detail
