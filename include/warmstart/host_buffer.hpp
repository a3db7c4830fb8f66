#pragma once

#include <cstddef>
#include <span>

#include "warmstart/export.hpp"

namespace warmstart {

/// Uninitialized bytes in host memory: clearing them would take as long as reading a cached file
/// into them. Large buffers use huge pages if the system grants them. Copies are deep.
class WARMSTART_EXPORT host_buffer {
 public:
  host_buffer() noexcept = default;
  /// Throws `out_of_memory`.
  explicit host_buffer(std::size_t size_bytes);
  host_buffer(const host_buffer& other);
  host_buffer(host_buffer&& other) noexcept;
  host_buffer& operator=(host_buffer other) noexcept;
  ~host_buffer();

  [[nodiscard]] std::byte* data() noexcept { return data_; }
  [[nodiscard]] const std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::byte& operator[](std::size_t index) noexcept { return data_[index]; }
  [[nodiscard]] std::byte operator[](std::size_t index) const noexcept { return data_[index]; }
  [[nodiscard]] std::byte* begin() noexcept { return data_; }
  [[nodiscard]] std::byte* end() noexcept { return data_ + size_; }
  [[nodiscard]] const std::byte* begin() const noexcept { return data_; }
  [[nodiscard]] const std::byte* end() const noexcept { return data_ + size_; }

  /// Compares sizes and bytes.
  friend bool operator==(const host_buffer& a, std::span<const std::byte> b) noexcept {
    return is_equal(a, b);
  }
  friend bool operator==(const host_buffer& a, const host_buffer& b) noexcept {
    return is_equal(a, b);
  }

 private:
  static bool is_equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept;

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace warmstart
