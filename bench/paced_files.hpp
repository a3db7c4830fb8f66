#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "io/file.hpp"

namespace warmstart::detail {

/// The system's files behind a simulated link of a given speed, which serves one read at a time.
class paced_files final : public file_system {
 public:
  explicit paced_files(double gigabytes_per_second)
      : bytes_per_second_(gigabytes_per_second * 1e9) {}

  [[nodiscard]] file_identity identify(const std::string& path) const override {
    return files_->identify(path);
  }
  [[nodiscard]] bool is_directory(const std::string& path) const override {
    return files_->is_directory(path);
  }
  [[nodiscard]] bool is_regular(const std::string& path) const override {
    return files_->is_regular(path);
  }
  [[nodiscard]] bool is_remote(const std::string& path) const override {
    return files_->is_remote(path);
  }
  [[nodiscard]] std::optional<double> cached_share(const std::string& path) const override {
    return files_->cached_share(path);
  }
  [[nodiscard]] std::vector<std::string> list(const std::string& directory) const override {
    return files_->list(directory);
  }
  [[nodiscard]] std::unique_ptr<file> open(const std::string& path, read_mode mode) const override {
    return std::make_unique<paced_file>(*this, files_->open(path, mode));
  }

 private:
  using clock = std::chrono::steady_clock;

  class paced_file final : public file {
   public:
    paced_file(const paced_files& in, std::unique_ptr<file> of) : in_(in), of_(std::move(of)) {}
    [[nodiscard]] const std::string& path() const noexcept override { return of_->path(); }
    [[nodiscard]] file_identity identity() const override { return of_->identity(); }
    using file::read;
    void read(std::int64_t offset_bytes,
              std::span<const std::span<std::byte>> buffers) const override {
      std::size_t bytes = 0;
      for (const auto& buffer : buffers) bytes += buffer.size();
      const clock::time_point arrives = in_.take_turn(bytes);
      of_->read(offset_bytes, buffers);
      std::this_thread::sleep_until(arrives);
    }

   private:
    const paced_files& in_;
    std::unique_ptr<file> of_;
  };

  // The time at which the last of `bytes` bytes has passed the link.
  [[nodiscard]] clock::time_point take_turn(std::size_t bytes) const {
    const std::lock_guard lock(mutex_);
    const auto passing =
        std::chrono::duration<double>(static_cast<double>(bytes) / bytes_per_second_);
    free_ = std::max(free_, clock::now()) + std::chrono::duration_cast<clock::duration>(passing);
    return free_;
  }

  std::shared_ptr<const file_system> files_ = system_files();
  double bytes_per_second_;
  mutable std::mutex mutex_;
  mutable clock::time_point free_;
};

}  // namespace warmstart::detail
