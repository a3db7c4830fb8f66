#pragma once

#include <cstddef>
#include <span>

namespace warmstart::detail {

/// Whole pages of host memory, zero filled by the system on first touch; large blocks, of a huge
/// page and more, ask for those. Aligned to 4096 bytes.
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
  /// Has the system put memory behind all of it now, by several threads if that is worth while.
  void touch() noexcept;
  /// Gives up ownership; `give_back` undoes it.
  [[nodiscard]] std::byte* release() noexcept;
  static void give_back(std::byte* data, std::size_t size_bytes) noexcept;

 private:
  std::span<std::byte> bytes_;
};

}  // namespace warmstart::detail
