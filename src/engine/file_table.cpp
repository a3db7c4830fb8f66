#include "engine/file_table.hpp"

#include <fmt/format.h>

#include "base/file_problem.hpp"
#include "model/open_file.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail {

void check_identity(const file_system& files, const catalog_file& opened,
                    const file_identity& found) {
  const std::string& path = opened.path;
  const file_identity& planned = opened.identity;
  if (found == planned) return;
  const bool same_contents =
      found.size_bytes == planned.size_bytes && found.modified_ns == planned.modified_ns;
  if (same_contents && found.exists() && files.is_remote(path)) return;
  if (!found.exists()) {
    throw error(file_problem(error_code::not_found, {path},
                             "the file was removed after the checkpoint was opened"));
  }
  std::string what = "was replaced";
  if (found.size_bytes != planned.size_bytes) {
    what = fmt::format("had {} bytes and has {}", planned.size_bytes, found.size_bytes);
  } else if (found.device == planned.device && found.inode == planned.inode) {
    what = "was written to";
  }
  throw error(file_problem(error_code::io, {path},
                           "the file changed since the checkpoint was opened: it " + what));
}

file_table::file_table(const transfer_plan& plan, const file_system& files, read_mode mode)
    : plan_(plan), files_(files), mode_(mode), entries_(plan.files.size()) {
  for (const chunk& one : plan.chunks) ++entries_[one.file].chunks_left;
}

std::shared_ptr<const file> file_table::open(std::uint32_t index) {
  entry& here = entries_[index];
  const std::lock_guard lock(here.mutex);
  if (here.failure) std::rethrow_exception(here.failure);
  if (here.handle) return here.handle;
  try {
    here.handle = open_checked(index);
  } catch (...) {
    here.failure = std::current_exception();
    throw;
  }
  return here.handle;
}

std::shared_ptr<const file> file_table::open_checked(std::uint32_t index) const {
  const catalog_file& planned = plan_.files[index];
  const file_system& files = files_of(planned, files_);
  std::shared_ptr<const file> opened = open_file(files, planned, mode_);
  check_identity(files, planned, opened->identity());
  return opened;
}

void file_table::finish_chunk(std::uint32_t index) {
  std::shared_ptr<const file> last;
  {
    entry& here = entries_[index];
    const std::lock_guard lock(here.mutex);
    if (--here.chunks_left == 0) last = std::move(here.handle);
  }
  if (!last) return;
  const catalog_file& planned = plan_.files[index];
  check_identity(files_of(planned, files_), planned, last->identity());
}

}  // namespace warmstart::detail
