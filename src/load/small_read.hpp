#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "model/catalog.hpp"

namespace warmstart::detail {

/// The file of a checkpoint that a small read used last. It stays open for the next one, which
/// takes most of its time to open otherwise. Thread safe; no thread waits while another opens a
/// file, which may take long on a network.
class recent_file {
 public:
  /// The catalog's file with this number, if its contents have not changed. Throws the errors of
  /// `file_system::open` and `check_identity`.
  [[nodiscard]] std::shared_ptr<const file> open(const catalog& in, std::uint32_t number);

 private:
  [[nodiscard]] std::shared_ptr<const file> find(std::uint32_t number);
  void keep(std::uint32_t number, std::shared_ptr<const file> opened);

  std::mutex mutex_;
  std::shared_ptr<const file> file_;
  std::uint32_t number_ = 0;
};

/// Reads a whole tensor into memory of its size and compares its checksum, without a plan. Returns
/// false if the tensor is not a small one that is stored as it is in memory, in a file of the
/// operating system; and if something is wrong with the file, which a planned read then reports.
/// The bytes in `into` are undefined after false.
[[nodiscard]] bool read_small(const catalog& in, const catalog_tensor& tensor,
                              std::span<std::byte> into, bool checksums, recent_file& recent);

}  // namespace warmstart::detail
