#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "io/bus_errors.hpp"

namespace warmstart {

/// A file's pages, in place in the system's cache. Reading those that the file has no more is
/// survived (`bus_error_guard`), and `lost` tells.
class file_mapping {
 public:
  /// Null where the system does not map the file or it can not be guarded.
  [[nodiscard]] static std::unique_ptr<file_mapping> make(int descriptor,
                                                          std::int64_t size_bytes) noexcept;
  file_mapping(const file_mapping&) = delete;
  file_mapping& operator=(const file_mapping&) = delete;
  ~file_mapping();

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
  /// Whole pages of that part need not be mapped any more; if they are looked at, they are again.
  void release(std::size_t offset_bytes, std::size_t size_bytes) const noexcept;
  /// Whether what was read may have been zeros in place of the file's bytes.
  [[nodiscard]] bool lost() const noexcept { return guard_->hit(); }

 private:
  explicit file_mapping(std::span<const std::byte> bytes)
      : bytes_(bytes), guard_(std::in_place, bytes.data(), bytes.size()) {}

  std::span<const std::byte> bytes_;
  std::optional<bus_error_guard> guard_;  ///< never longer than the mapping
};

}  // namespace warmstart
