#pragma once

#define FUSE_USE_VERSION 35
#include <fuse_lowlevel.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "support/temporary_directory.hpp"

namespace warmstart::detail::test {

/// A directory of a FUSE file system that this process serves: files in memory, which get a new
/// inode number each time the kernel looks them up, as those of bucket mounts do after a while.
class fuse_files {
 public:
  /// Throws `std::runtime_error` that says what is missing if the system has no FUSE.
  fuse_files();
  fuse_files(const fuse_files&) = delete;
  fuse_files& operator=(const fuse_files&) = delete;
  ~fuse_files();

  [[nodiscard]] std::string operator/(std::string_view name) const { return directory_ / name; }
  /// Also sets its modification time to now.
  void put(const std::string& name, std::string contents);

  enum class direct_reads { work, fail, fail_to_open };
  void set_direct_reads(direct_reads how) { direct_ = how; }
  /// Reads at or after this offset block until `release`.
  void hold_reads_from(std::int64_t offset) { held_from_ = offset; }
  void release() { held_from_ = INT64_MAX; }
  /// Whether a read waits.
  [[nodiscard]] bool holds() const { return holds_; }

  /// Reads that the file system served, and how many of them bypassed the page cache.
  [[nodiscard]] int reads() const { return reads_; }
  [[nodiscard]] int direct_reads_asked() const { return direct_reads_; }

 private:
  struct stored_file {
    std::string contents;
    std::int64_t modified_s = 1'000'000'000;
  };

  static fuse_files& of(fuse_req_t request) {
    return *static_cast<fuse_files*>(fuse_req_userdata(request));
  }
  static void look_up(fuse_req_t request, fuse_ino_t parent, const char* name);
  static void get_attributes(fuse_req_t request, fuse_ino_t inode, fuse_file_info* open);
  static void open_file(fuse_req_t request, fuse_ino_t inode, fuse_file_info* open);
  static void read_file(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset,
                        fuse_file_info* open);

  bool describe(fuse_ino_t inode, struct stat& into);

  temporary_directory directory_;
  std::mutex mutex_;
  std::map<std::string, stored_file> files_;
  std::map<fuse_ino_t, std::string> names_;  ///< by inode number
  fuse_ino_t last_inode_ = FUSE_ROOT_ID;
  std::atomic<direct_reads> direct_ = direct_reads::work;
  std::atomic<std::int64_t> held_from_ = INT64_MAX;
  std::atomic<bool> holds_ = false;
  std::atomic<int> reads_ = 0;
  std::atomic<int> direct_reads_ = 0;
  fuse_session* session_ = nullptr;
  std::thread serving_;
};

}  // namespace warmstart::detail::test
