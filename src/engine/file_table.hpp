#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "io/file.hpp"
#include "plan/transfer_plan.hpp"

namespace warmstart::detail {

/// Opens a plan's files when a chunk first needs them, and closes them after their last chunk:
/// plans may name more files than a process may open. Thread safe: to open a file may take long (a
/// network has to answer), so only threads that want the same file wait for it.
class file_table {
 public:
  file_table(const transfer_plan& plan, const file_system& files, read_mode mode);

  /// Throws what opening throws, and `io` if the file is not the one that was planned for. Later
  /// calls for the file then throw the same: the next attempt might take as long.
  [[nodiscard]] std::shared_ptr<const file> open(std::uint32_t index);
  /// A chunk of the file is done. After the last one, throws `io` if the file has changed
  /// meanwhile.
  void finish_chunk(std::uint32_t index);

 private:
  struct entry {
    std::mutex mutex;  ///< held while the file is opened
    std::shared_ptr<const file> handle;
    std::exception_ptr failure;  ///< of opening it
    std::size_t chunks_left = 0;
  };

  [[nodiscard]] std::shared_ptr<const file> open_checked(std::uint32_t index) const;

  const transfer_plan& plan_;
  const file_system& files_;
  read_mode mode_;
  std::vector<entry> entries_;
};

/// Throws `io`, or `not_found` if there is no file any more, unless `found` is what was planned
/// for. On network and FUSE file systems, size and time of the last write decide: a file may be
/// given another inode number there each time it is looked up, or another device number with each
/// mount.
void check_identity(const file_system& files, const catalog_file& planned,
                    const file_identity& found);

}  // namespace warmstart::detail
