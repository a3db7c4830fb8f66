#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "warmstart/error.hpp"

namespace warmstart::detail::test {

/// Files in memory that log their reads and fail on demand.
class memory_files final : public file_system {
 public:
  struct read_event {
    std::string path;
    std::int64_t offset = 0;
    std::int64_t size = 0;
    friend bool operator==(const read_event&, const read_event&) = default;
  };

  void put(const std::string& path, std::vector<std::byte> contents) {
    entry& here = entries_[path];
    here.contents = std::move(contents);
    ++here.version;
  }
  std::vector<std::byte>& contents(const std::string& path) { return entries_.at(path).contents; }
  [[nodiscard]] const std::vector<std::byte>& contents(const std::string& path) const {
    return entries_.at(path).contents;
  }

  void set_cached_share(const std::string& path, std::optional<double> share) {
    cached_shares_[path] = share;
  }
  [[nodiscard]] std::int64_t shares_asked_for() const { return shares_asked_for_; }
  /// Refuses direct reads of this file.
  void forbid_direct(const std::string& path) { buffered_only_.insert(path); }

  /// The read with this number, counted from 0 over all files, fails with `io`.
  void fail_read(std::int64_t number) { failing_ = number; }
  /// The view with this number, counted from 0 over all files, has zeros in place of the bytes, and
  /// no file has its pages from then on.
  void lose_pages_at_view(std::int64_t number) { losing_ = number; }
  [[nodiscard]] std::int64_t views() const { return views_; }
  /// Called after each view was used, with its place in the file.
  void on_view(std::function<void(std::int64_t, std::int64_t)> visit) {
    viewed_ = std::move(visit);
  }
  /// Declares that all files are on a network file system.
  void set_remote(bool remote) { remote_ = remote; }
  /// Changes the inode number of this file.
  void set_inode(std::uint64_t inode) { inode_ = inode; }
  /// This file opens for direct reads, which then fail.
  void fail_direct_reads(const std::string& path) { failing_direct_.insert(path); }
  /// Called at the start of every read, with its number; from the reading thread.
  void on_read(std::function<void(std::int64_t)> visit) { visit_ = std::move(visit); }
  /// Called at the start of every `open`, with its path; from the thread that opens.
  void on_open(std::function<void(const std::string&)> visit) { visit_open_ = std::move(visit); }
  [[nodiscard]] std::int64_t reads() const { return count_; }
  [[nodiscard]] std::vector<read_event> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  [[nodiscard]] std::int64_t open_files() const { return open_; }

  [[nodiscard]] file_identity identify(const std::string& path) const override {
    const auto found = entries_.find(path);
    if (found == entries_.end()) return {};
    return {.device = 1,
            .inode = inode_,
            .size_bytes = static_cast<std::int64_t>(found->second.contents.size()),
            .modified_ns = found->second.version};
  }
  /// The directories of the files' paths.
  [[nodiscard]] bool is_directory(const std::string& path) const override {
    const std::string begin = directory_prefix(path);
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const auto& one) { return one.first.starts_with(begin); });
  }
  [[nodiscard]] bool is_remote(const std::string& /*path*/) const override { return remote_; }
  [[nodiscard]] std::optional<double> cached_share(const std::string& path) const override {
    ++shares_asked_for_;
    const auto found = cached_shares_.find(path);
    return found == cached_shares_.end() ? std::nullopt : found->second;
  }
  [[nodiscard]] std::vector<std::string> list(const std::string& directory) const override {
    const std::string begin = directory_prefix(directory);
    std::set<std::string> names;
    for (const auto& [path, contents] : entries_) {
      if (path.starts_with(begin)) {
        names.insert(path.substr(begin.size(), path.find('/', begin.size()) - begin.size()));
      }
    }
    return {names.begin(), names.end()};
  }
  [[nodiscard]] bool is_regular(const std::string& path) const override {
    return entries_.contains(path);
  }
  [[nodiscard]] std::unique_ptr<file> open(const std::string& path, read_mode mode) const override {
    if (visit_open_) visit_open_(path);
    if (!entries_.contains(path)) throw error(error_code::not_found, path + ": no such file");
    if (mode == read_mode::direct && buffered_only_.contains(path)) {
      throw error(error_code::unsupported, path + ": no direct reads");
    }
    return std::make_unique<memory_file>(*this, path, mode);
  }

 private:
  static std::string directory_prefix(const std::string& path) {
    if (path == ".") return "";
    return path.ends_with('/') ? path : path + "/";
  }

  struct entry {
    std::vector<std::byte> contents;
    std::int64_t version = 0;
  };

  class memory_file final : public file {
   public:
    memory_file(const memory_files& in, std::string path, read_mode mode)
        : in_(in), path_(std::move(path)), mode_(mode) {
      ++in_.open_;
    }
    ~memory_file() override { --in_.open_; }
    [[nodiscard]] const std::string& path() const noexcept override { return path_; }
    [[nodiscard]] file_identity identity() const override { return in_.identify(path_); }
    using file::read;
    void read(std::int64_t offset, std::span<const std::span<std::byte>> buffers) const override {
      std::int64_t size = 0;
      for (const auto& buffer : buffers) size += static_cast<std::int64_t>(buffer.size());
      const std::int64_t number = in_.count_++;
      {
        const std::lock_guard lock(in_.mutex_);
        in_.log_.push_back({path_, offset, size});
      }
      if (in_.visit_) in_.visit_(number);
      if (number == in_.failing_) throw error(error_code::io, path_ + ": scripted failure");
      const auto& contents = in_.entries_.at(path_).contents;
      if (mode_ == read_mode::direct) {
        read_direct(contents, offset, buffers);
        return;
      }
      if (offset + size > static_cast<std::int64_t>(contents.size())) {
        throw error(error_code::corrupt, path_ + ": the file ends too early");
      }
      for (const auto& buffer : buffers) {
        std::copy_n(contents.begin() + offset, buffer.size(), buffer.begin());
        offset += static_cast<std::int64_t>(buffer.size());
      }
    }

    [[nodiscard]] bool read_in_place(
        std::int64_t offset, std::int64_t size,
        const std::function<void(std::span<const std::byte>)>& use) const override {
      if (mode_ != read_mode::mapped || has_lost_pages()) return false;
      const auto& contents = in_.entries_.at(path_).contents;
      if (offset + size > static_cast<std::int64_t>(contents.size())) return false;
      if (in_.views_++ == in_.losing_) {
        use(std::vector<std::byte>(static_cast<std::size_t>(size)));
        return false;
      }
      use(std::span(contents).subspan(static_cast<std::size_t>(offset),
                                      static_cast<std::size_t>(size)));
      if (in_.viewed_) in_.viewed_(offset, size);
      return !has_lost_pages();
    }

   private:
    // File systems require this alignment of direct reads; the last one ends with the file.
    void read_direct(const std::vector<std::byte>& contents, std::int64_t offset,
                     std::span<const std::span<std::byte>> buffers) const {
      if (in_.failing_direct_.contains(path_)) {
        throw error(error_code::unsupported, path_ + ": no direct reads");
      }
      for (const auto& buffer : buffers) {
        if (offset % direct_alignment != 0 ||
            static_cast<std::int64_t>(buffer.size()) % direct_alignment != 0 ||
            reinterpret_cast<std::uintptr_t>(buffer.data()) % direct_alignment != 0) {
          throw error(error_code::io, path_ + ": a direct read that is not aligned");
        }
        const auto rest = std::ssize(contents) - std::min(offset, std::ssize(contents));
        std::copy_n(contents.begin() + offset,
                    std::min(static_cast<std::int64_t>(buffer.size()), rest), buffer.begin());
        offset += static_cast<std::int64_t>(buffer.size());
      }
    }

    [[nodiscard]] bool has_lost_pages() const {
      return in_.losing_ >= 0 && in_.views_ > in_.losing_;
    }

    const memory_files& in_;
    std::string path_;
    read_mode mode_;
  };

  std::map<std::string, entry> entries_;
  std::map<std::string, std::optional<double>> cached_shares_;
  std::set<std::string> buffered_only_;
  std::set<std::string> failing_direct_;
  bool remote_ = false;
  std::uint64_t inode_ = 1;
  std::function<void(std::int64_t)> visit_;
  std::function<void(const std::string&)> visit_open_;
  std::function<void(std::int64_t, std::int64_t)> viewed_;
  std::int64_t failing_ = -1;
  std::int64_t losing_ = -1;
  mutable std::atomic<std::int64_t> views_ = 0;
  mutable std::atomic<std::int64_t> count_ = 0;
  mutable std::atomic<std::int64_t> shares_asked_for_ = 0;
  mutable std::atomic<std::int64_t> open_ = 0;
  mutable std::mutex mutex_;
  mutable std::vector<read_event> log_;
};

}  // namespace warmstart::detail::test
