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

/// Opens a plan's files for their first chunk and closes them after their last one, because a plan
/// may have more files than a process may open. Thread safe. Opening a file may take long on a
/// network; only threads that need the same file wait for it.
class file_table {
 public:
  file_table(const transfer_plan& plan, const file_system& files, read_mode mode);

  /// Throws the errors of opening the file, and those of `check_identity`. Later calls for the same
  /// file rethrow the error without another attempt, which could take as long.
  [[nodiscard]] std::shared_ptr<const file> open(std::uint32_t index);
  /// Reports that a chunk of the file is complete. After the last chunk, throws the errors of
  /// `check_identity` if the file changed during the load.
  void finish_chunk(std::uint32_t index);

 private:
  struct entry {
    std::mutex mutex;  ///< held while the file is opened
    std::shared_ptr<const file> handle;
    std::exception_ptr failure;  ///< error of the attempt to open the file
    std::size_t chunks_left = 0;
  };

  [[nodiscard]] std::shared_ptr<const file> open_checked(std::uint32_t index) const;

  const transfer_plan& plan_;
  const file_system& files_;
  read_mode mode_;
  std::vector<entry> entries_;
};

/// Throws `not_found` if the file no longer exists, and `io` if `found` differs from the planned
/// identity. On network and FUSE file systems only size and time of the last write are compared,
/// because inode numbers may change with each lookup and device numbers with each mount.
void check_identity(const file_system& files, const catalog_file& planned,
                    const file_identity& found);

}  // namespace warmstart::detail
