#pragma once

#include <utility>

namespace warmstart::detail {

/// Owns a handle that is not a pointer, such as a file descriptor. `Traits` defines `handle_type`,
/// the value `none` and `close(handle_type) noexcept`.
template <class Traits>
class unique_handle {
 public:
  using handle_type = typename Traits::handle_type;

  unique_handle() noexcept = default;
  explicit unique_handle(handle_type handle) noexcept : handle_(handle) {}
  unique_handle(unique_handle&& other) noexcept
      : handle_(std::exchange(other.handle_, Traits::none)) {}
  unique_handle& operator=(unique_handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  unique_handle(const unique_handle&) = delete;
  unique_handle& operator=(const unique_handle&) = delete;
  ~unique_handle() {
    if (handle_ != Traits::none) Traits::close(handle_);
  }

  [[nodiscard]] handle_type get() const noexcept { return handle_; }
  /// Releases ownership; the caller has to close the handle.
  [[nodiscard]] handle_type release() noexcept { return std::exchange(handle_, Traits::none); }
  explicit operator bool() const noexcept { return handle_ != Traits::none; }

 private:
  handle_type handle_ = Traits::none;
};

}  // namespace warmstart::detail
